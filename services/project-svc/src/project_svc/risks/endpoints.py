"""Routes of risks."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.pictures import drawn, draws
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.projects import service as projects
from project_svc.risk_scales import service as scales
from project_svc.risks import service
from project_svc.risks.charts.matrix import heat_map_of
from project_svc.risks.models import RISKS
from project_svc.risks.repository import MATRIX, OF_PROJECT
from project_svc.risks.schemas import Assessment, ResponsePlan, RiskClosing, RiskCreate, RiskMatrix, RiskRead

router = service_router("Risks")


@router.get("/risks", response_model=Page[RiskRead], **reads("risks:read", lists=RISKS.resource))
async def list_risks(request: Request, reader: ReaderDep) -> Response:
    """List the risks that the caller may see."""
    return listed(await reader.page(RISKS.resource, page_params(request, RISKS.resource)))


@router.get("/projects/{project_id}/risks", response_model=Page[RiskRead], **reads("risks:read", lists=RISKS.resource))
async def list_project_risks(project_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """List the risks of one project."""
    params = page_params(request, RISKS.resource)
    await projects.check_visible(reader, project_id)
    return listed(await reader.page(RISKS.resource, params, OF_PROJECT, project_id=project_id))


@router.get("/projects/{project_id}/risk-matrix", response_model=RiskMatrix, **reads("risks:read"))
async def get_risk_matrix(project_id: UUID, reader: ReaderDep) -> Response:
    """Count the risks of a project that are not closed, by probability and impact; and what they may cost."""
    return listed((await reader.get(MATRIX, project_id)).body)


@router.get("/projects/{project_id}/risk-matrix.svg", **draws("risks:read"))
async def draw_risk_matrix(project_id: UUID, reader: ReaderDep) -> Response:
    """Draw the risk matrix of a project as a heat map, in the language of the request."""
    matrix = RiskMatrix.model_validate_json((await reader.get(MATRIX, project_id)).body)
    return drawn(heat_map_of(matrix, await scales.shown(reader), reader.caller.language))


@router.post("/risks", response_model=RiskRead, **writes("risks:write", creates=True))
async def raise_risk(body: RiskCreate, unit: UnitOfWorkDep) -> Response:
    """Enter a risk of a project; publishes `risk.raised`, and `risk.threshold_exceeded` where it is that grave."""
    return created(await service.raise_risk(unit, body), "/v1/risks")


@router.get("/risks/{risk_id}", response_model=RiskRead, **reads("risks:read"))
async def get_risk(risk_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one risk."""
    return shown(request, await reader.get(RISKS.resource, risk_id))


@router.post("/risks/{risk_id}/assess", response_model=RiskRead, **writes("risks:write", versioned=True))
async def assess_risk(risk_id: UUID, body: Assessment, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Judge a risk anew; publishes `risk.assessed`, or `risk.threshold_exceeded`.

    The latter when the score reaches the threshold and did not before, or is over it and has risen.
    """
    return changed(await service.assess_risk(unit, risk_id, body, if_match=if_match))


@router.post("/risks/{risk_id}/respond", response_model=RiskRead, **writes("risks:write", versioned=True))
async def plan_risk_response(risk_id: UUID, body: ResponsePlan, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Plan what is done about a risk and what will be left of it; publishes `risk.response_planned`.

    A risk that is avoided, mitigated or transferred is `mitigating` from then on.
    """
    return changed(await service.plan_response(unit, risk_id, body, if_match=if_match))


@router.post("/risks/{risk_id}/close", response_model=RiskRead, **writes("risks:write", versioned=True))
async def close_risk(risk_id: UUID, body: RiskClosing, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that a risk is over, and whether it struck; publishes `risk.closed`."""
    return changed(await service.close_risk(unit, risk_id, body, if_match=if_match))
