"""Routes by which decisions of customers are recorded."""

from uuid import UUID

from starlette.responses import Response

from crm_contracts.delivery.v1 import Verdict
from crm_platform.http.dependencies import IfMatch, UnitOfWorkDep
from crm_platform.http.responses import changed
from crm_platform.http.route import service_router, writes
from project_svc.acceptances import service
from project_svc.acceptances.schemas import AcceptanceGiven, PointSettled, Rejection
from project_svc.deliveries.service import DeliveryRead

router = service_router("Deliveries")


@router.post(
    "/deliveries/{delivery_id}/accept", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def accept_delivery(delivery_id: UUID, body: AcceptanceGiven, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record the customer's acceptance, as a whole or per criterion; publishes `delivery.completed`.

    With open points the acceptance is conditional: `delivery.conditionally_accepted`, and `delivery.completed` when
    the last of them is settled. With the last open delivery of a project the project is completed too
    (`project.completed`), unless a quality gate holds it.
    """
    verdict = Verdict.CONDITIONALLY_ACCEPTED if body.open_points else Verdict.ACCEPTED
    decision = service.decision_of(
        unit,
        verdict,
        criteria=body.criteria,
        contact_id=body.contact_id,
        comment=body.reason,
        open_points=body.open_points,
    )
    return changed(await service.decide(unit, delivery_id, decision, if_match=if_match))


@router.post(
    "/deliveries/{delivery_id}/reject", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def reject_delivery(delivery_id: UUID, body: Rejection, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record the customer's refusal, its reason, and which criteria are not met; publishes `delivery.rejected`."""
    decision = service.decision_of(
        unit, Verdict.REJECTED, criteria=body.criteria, contact_id=body.contact_id, comment=body.reason
    )
    return changed(await service.decide(unit, delivery_id, decision, if_match=if_match))


@router.post(
    "/deliveries/{delivery_id}/settle-point", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def settle_open_point(delivery_id: UUID, body: PointSettled, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that an open point of a conditional acceptance is done; publishes `delivery.point_settled`.

    With the last open point the delivery is accepted, which publishes `delivery.completed` instead.
    """
    return changed(await service.settle_point(unit, delivery_id, body.point_id, if_match=if_match, note=body.note))
