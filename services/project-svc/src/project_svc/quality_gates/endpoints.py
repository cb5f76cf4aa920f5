"""Routes of quality gates."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.quality_gates import service
from project_svc.quality_gates.models import QUALITY_GATES
from project_svc.quality_gates.schemas import (
    GateReviewCreate,
    QualityGateCreate,
    QualityGateRead,
    QualityGateUpdate,
    Waiver,
)

router = service_router("Quality gates")


@router.get(
    "/quality-gates", response_model=Page[QualityGateRead], **reads("projects:read", lists=QUALITY_GATES.resource)
)
async def list_quality_gates(request: Request, reader: ReaderDep) -> Response:
    """List the quality gates that the caller may see; filter by `project_id` for one project's."""
    return listed(await reader.page(QUALITY_GATES.resource, page_params(request, QUALITY_GATES.resource)))


@router.post("/quality-gates", response_model=QualityGateRead, **writes("projects:write", creates=True))
async def plan_quality_gate(body: QualityGateCreate, unit: UnitOfWorkDep) -> Response:
    """Plan a quality gate of a project, without a checklist with the ready-made one; publishes `quality_gate.planned`.

    A project with a mandatory gate that has not passed cannot be completed.
    """
    return created(await service.plan_gate(unit, body), "/v1/quality-gates")


@router.get("/quality-gates/{gate_id}", response_model=QualityGateRead, **reads("projects:read"))
async def get_quality_gate(gate_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one quality gate with all of its reviews."""
    return shown(request, await reader.get(QUALITY_GATES.resource, gate_id))


@router.patch("/quality-gates/{gate_id}", response_model=QualityGateRead, **writes("projects:write", versioned=True))
async def update_quality_gate(
    gate_id: UUID, body: QualityGateUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change date, checklist or reviewers of a quality gate (merge patch); publishes `quality_gate.updated`."""
    return changed(await service.update_gate(unit, gate_id, body, if_match=if_match))


@router.post(
    "/quality-gates/{gate_id}/review", response_model=QualityGateRead, **writes("projects:write", versioned=True)
)
async def review_quality_gate(
    gate_id: UUID, body: GateReviewCreate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Put down what was found, and conclude with a verdict; publishes `quality_gate.passed`, `.failed` or `.reviewed`.

    It passes if every mandatory item is passed or waived; with conditions if every one is judged, and then each
    condition becomes a corrective action (`corrective_action.raised`). What failed can be reviewed again.
    """
    return changed(await service.review_gate(unit, gate_id, body, if_match=if_match))


@router.post(
    "/quality-gates/{gate_id}/waive", response_model=QualityGateRead, **writes("projects:write", versioned=True)
)
async def waive_quality_gate(gate_id: UUID, body: Waiver, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Let a project go on without a quality gate, for a reason; publishes `quality_gate.waived`."""
    return changed(await service.waive_gate(unit, gate_id, if_match=if_match, reason=body.reason))
