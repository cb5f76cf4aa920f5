"""Routes of monitoring."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from crm_platform.charts.png import png_of
from crm_platform.http.dependencies import ReaderDep
from crm_platform.http.fields import Moment
from crm_platform.http.responses import listed
from crm_platform.http.route import reads, service_router
from project_svc.earned_value.package import Accrual
from project_svc.monitoring import service
from project_svc.monitoring.domain import Earning
from project_svc.monitoring.schemas import Chart, CurvesRead, EarnedValueRead, HealthRead, ImageFormat, PortfolioRead

router = service_router("Monitoring")

AsOf = Annotated[Moment | None, Query(description="Any time of the past: what was known then. Now, where absent.")]
_PICTURE = {"schema": {"type": "string"}}
_CONFLICT: dict[int | str, dict[str, Any]] = {409: {"description": ""}}
_IMAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": _PICTURE, "image/png": _PICTURE}},
    **_CONFLICT,
}


@router.get(
    "/projects/{project_id}/earned-value", response_model=EarnedValueRead, responses=_CONFLICT, **reads("projects:read")
)
async def show_earned_value(
    project_id: UUID,
    reader: ReaderDep,
    as_of: AsOf = None,
    method: Annotated[
        Earning, Query(description="How value is earned by tasks that do not say it by `earning`.")
    ] = Earning.PERCENT_COMPLETE,
    fixed_costs: Annotated[Accrual, Query(description="When fixed costs are planned to be spent.")] = Accrual.PRORATED,
) -> EarnedValueRead:
    """Show earned value and earned schedule of a project and of each of its tasks, as of any time.

    What was planned is the last baseline that was set by then; what was earned, the last progress report of each task;
    what was spent, the actual costs until then. What cannot be divided is null, with the reason in `undefined`.
    """
    return await service.earned_value(reader, project_id, at=as_of, earning=method, accrual=fixed_costs)


@router.get("/projects/{project_id}/curves", response_model=CurvesRead, responses=_CONFLICT, **reads("projects:read"))
async def show_curves(project_id: UUID, reader: ReaderDep, as_of: AsOf = None) -> CurvesRead:
    """Show the S-curves and the burn-down of a project, day by day; 200 points at most."""
    return await service.curves(reader, project_id, at=as_of)


@router.get("/projects/{project_id}/chart", response_class=Response, responses=_IMAGE, **reads("projects:read"))
async def draw_curves(
    project_id: UUID,
    reader: ReaderDep,
    chart: Annotated[Chart, Query(description="Which curves.")] = Chart.S_CURVE,
    as_of: AsOf = None,
    format: Annotated[ImageFormat, Query(description="A drawing, or a picture of twice its size.")] = ImageFormat.SVG,
) -> Response:
    """Draw the S-curves, or the burn-down, of a project; texts are in the caller's language."""
    svg = await service.drawn(reader, project_id, chart, at=as_of)
    if format is ImageFormat.SVG:
        return Response(svg, media_type="image/svg+xml")
    return Response(await asyncio.to_thread(png_of, svg), media_type="image/png")


@router.get("/projects/{project_id}/health", response_model=HealthRead, **reads("projects:read"))
async def show_health(project_id: UUID, reader: ReaderDep) -> Response:
    """Show whether a project stands green, amber or red at this moment, and why.

    Amber from an SPI, CPI or SPI(t) under 0.95 on, or with deliverables overdue, a risk over its threshold, a critical
    issue, or a monitor at its warning level; red under 0.85, when the project itself is overdue, and with a monitor at
    its critical level.
    """
    found = await service.health(reader, project_id)
    return listed(found.model_dump_json().encode())


@router.get("/portfolio/earned-value", response_model=PortfolioRead, **reads("projects:read"))
async def show_portfolio(reader: ReaderDep, as_of: AsOf = None) -> PortfolioRead:
    """Show earned value of all projects that are under way or completed; amounts of one currency are added up."""
    return await service.portfolio(reader, at=as_of)
