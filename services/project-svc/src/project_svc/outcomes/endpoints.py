"""Routes of outcomes."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.outcomes import service
from project_svc.outcomes.models import OUTCOMES
from project_svc.outcomes.schemas import (
    DropGiven,
    EvaluationGiven,
    MeasurementGiven,
    OutcomeCreate,
    OutcomeRead,
    OutcomeUpdate,
    ReviewGiven,
)

router = service_router("Outcomes")

_CHANGES = writes("outcomes:write", versioned=True)


@router.get("/outcomes", response_model=Page[OutcomeRead], **reads("outcomes:read", lists=OUTCOMES.resource))
async def list_outcomes(request: Request, reader: ReaderDep) -> Response:
    """List the outcomes that the caller may see; those to review are `filter=review_due`."""
    return listed(await reader.page(OUTCOMES.resource, page_params(request, OUTCOMES.resource)))


@router.post("/outcomes", response_model=OutcomeRead, **writes("outcomes:write", creates=True))
async def plan_outcome(body: OutcomeCreate, unit: UnitOfWorkDep) -> Response:
    """Agree on an indicator of a project with baseline and target; publishes `outcome.planned`."""
    return created(await service.plan_outcome(unit, body), "/v1/outcomes")


@router.get("/outcomes/{outcome_id}", response_model=OutcomeRead, **reads("outcomes:read"))
async def get_outcome(outcome_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one outcome."""
    return shown(request, await reader.get(OUTCOMES.resource, outcome_id))


@router.patch("/outcomes/{outcome_id}", response_model=OutcomeRead, **_CHANGES)
async def update_outcome(outcome_id: UUID, body: OutcomeUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change what is agreed (merge patch); publishes `outcome.updated`."""
    return changed(await service.update_outcome(unit, outcome_id, body, if_match=if_match))


@router.post("/outcomes/{outcome_id}/measure", response_model=OutcomeRead, **_CHANGES)
async def measure_outcome(outcome_id: UUID, body: MeasurementGiven, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record an actual value, typed in by a user or pushed by another system; publishes `outcome.measured`."""
    return changed(await service.measure_outcome(unit, outcome_id, body, if_match=if_match))


@router.post("/outcomes/{outcome_id}/evaluate", response_model=OutcomeRead, **_CHANGES)
async def evaluate_outcome(outcome_id: UUID, body: EvaluationGiven, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Judge how far the target was reached, with evidence; publishes `outcome.evaluated`.

    The score is the attainment from 0 to 100 unless one is given; 100 is achieved, 50 and more partly.
    """
    return changed(await service.evaluate_outcome(unit, outcome_id, body, if_match=if_match))


@router.post("/outcomes/{outcome_id}/review", response_model=OutcomeRead, **_CHANGES)
async def review_outcome(outcome_id: UUID, body: ReviewGiven, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Look back at an evaluated outcome, also after the project's end; publishes `outcome.reviewed`."""
    return changed(await service.review_outcome(unit, outcome_id, body, if_match=if_match))


@router.post("/outcomes/{outcome_id}/drop", response_model=OutcomeRead, **_CHANGES)
async def drop_outcome(outcome_id: UUID, body: DropGiven, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Want an outcome no more; publishes `outcome.dropped`."""
    return changed(await service.drop_outcome(unit, outcome_id, if_match=if_match, reason=body.reason))
