"""The route by which the scale is changed."""

from starlette.responses import Response

from crm_platform.http.dependencies import UnitOfWorkDep
from crm_platform.http.responses import listed
from crm_platform.http.route import service_router, writes
from crm_platform.operations.begin import begin
from crm_platform.operations.kinds import NoInput
from project_svc.risk_grading import service
from project_svc.risk_grading.operations import GRADING
from project_svc.risk_scales import service as scales
from project_svc.risk_scales.service import RiskScaleDefinition, RiskScaleRead

router = service_router("Risks")


@router.put("/risk-scale", response_model=RiskScaleRead, **writes("risks:write"))
async def define_risk_scale(body: RiskScaleDefinition, unit: UnitOfWorkDep) -> Response:
    """Define the scale by which the company judges its risks; publishes `risk_scale.defined` or `risk_scale.updated`.

    An operation grades the risks that are not closed by it, and publishes `risk.assessed` where a level changes. Steps
    at which open risks stand, or risks of published templates, cannot be given up.
    """
    scale = await service.define_scale(unit, body)
    await begin(unit, GRADING, NoInput())
    return listed(scales.told(scale))
