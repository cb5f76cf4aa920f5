"""The route by which the scale is looked at."""

from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep
from crm_platform.http.responses import listed
from crm_platform.http.route import reads, service_router
from project_svc.risk_scales import service
from project_svc.risk_scales.schemas import RiskScaleRead

router = service_router("Risks")


@router.get("/risk-scale", response_model=RiskScaleRead, **reads("risks:read"))
async def get_risk_scale(reader: ReaderDep) -> Response:
    """Show the scale by which the company judges its risks."""
    return listed(service.told(await service.shown(reader)))
