"""Routes of capacity."""

import asyncio
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from crm_platform.charts.png import png_of
from crm_platform.http.dependencies import ReaderDep
from crm_platform.http.fields import Day, Tag
from crm_platform.http.route import reads, service_router
from project_svc.capacity import service
from project_svc.capacity.domain import Unit
from project_svc.capacity.schemas import Axis, CapacityRead, ImageFormat

router = service_router("Portfolio")

First = Annotated[Day | None, Query(alias="from", description="A day of the first period; today where absent.")]
Last = Annotated[Day | None, Query(alias="to", description="A day of the last period; 12 weeks on where absent.")]
Period = Annotated[Unit, Query(description="Weeks from Monday, or months.")]
Rows = Annotated[Axis, Query(description="Whether a row is a resource, all who have a skill, or all of a team.")]
Skill = Annotated[Tag | None, Query(description="Only those who have it.")]
_PICTURE = {"schema": {"type": "string"}}
_IMAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": _PICTURE, "image/png": _PICTURE}}}


@router.get("/portfolio/capacity", response_model=CapacityRead, **reads("resources:read"))
async def show_capacity(
    reader: ReaderDep,
    *,
    first: First = None,
    last: Last = None,
    unit: Period = Unit.WEEK,
    by: Rows = Axis.RESOURCE,
    skill: Skill = None,
) -> CapacityRead:
    """Show people and machines over time: how much of each there is, how much projects need, and what was worked.

    Need is that of the schedules of all projects that are planned or under way, whoever may see them: of projects that
    the caller may not see, or without `projects:read`, there are hours without names.
    """
    return await service.capacity(reader, first=first, last=last, unit=unit, by=by, skill=skill)


@router.get("/portfolio/capacity-chart", response_class=Response, responses=_IMAGE, **reads("resources:read"))
async def draw_capacity(
    reader: ReaderDep,
    *,
    first: First = None,
    last: Last = None,
    unit: Period = Unit.WEEK,
    by: Rows = Axis.RESOURCE,
    skill: Skill = None,
    format: Annotated[ImageFormat, Query(description="A drawing, or a picture of twice its size.")] = ImageFormat.SVG,
) -> Response:
    """Draw people and machines over time as a heat map, red where more is needed than there is; the worst first."""
    found = await service.capacity(reader, first=first, last=last, unit=unit, by=by, skill=skill)
    svg = service.drawn(found, reader.caller.language)
    if format is ImageFormat.SVG:
        return Response(svg, media_type="image/svg+xml")
    return Response(await asyncio.to_thread(png_of, svg), media_type="image/png")
