"""Routes of plans as files and pictures."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep
from crm_platform.http.responses import changed
from crm_platform.http.route import reads, service_router, writes
from crm_platform.reads import Rendered
from project_svc.exchange import service
from project_svc.exchange.arriving.gzipped import content_of
from project_svc.exchange.arriving.zones import zone_of
from project_svc.exchange.leaving import giving
from project_svc.exchange.leaving.asked import Shown, shown_of
from project_svc.exchange.schemas import FileTakenOver, Missing, PictureFormat, PlanFormat

router = service_router("Plans")

_XML = frozenset({"application/xml", "text/xml", "application/vnd.ms-project"})
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": dict.fromkeys(("application/xml", "text/csv", "text/calendar"), _BYTES)}
}
_PICTURES: dict[int | str, dict[str, Any]] = {
    200: {"content": dict.fromkeys(("image/svg+xml", "image/png", "application/pdf"), _BYTES)},
    409: {"description": ""},
}


def _takes_file() -> dict[str, Any]:
    options = writes("projects:write", versioned=True)
    schema = {
        "type": "string",
        "description": "Microsoft Project XML (MSPDI); may be sent with Content-Encoding: gzip.",
    }
    options["openapi_extra"]["requestBody"] = {
        "required": True,
        "content": {"application/xml": {"schema": schema}},
    }
    return options


def _taking(
    time_zone: Annotated[
        str | None,
        Query(
            max_length=64,
            description="IANA name of the zone in which the file's clock times are; that of the company if absent.",
        ),
    ] = None,
    missing: Annotated[
        Missing, Query(description="What becomes of tasks that an earlier file brought and this one does not have.")
    ] = Missing.KEEP,
) -> service.Taking:
    return service.Taking(time_zone=None if time_zone is None else zone_of(time_zone), missing=missing)


def _drawing(
    first: Annotated[int, Query(ge=1, le=10_000, description="The first row, from 1.")] = 1,
    rows: Annotated[int, Query(ge=1, le=500, description="How many rows.")] = 200,
    baseline: Annotated[
        str,
        Query(
            max_length=36,
            description="Whose bars are shown below those of the plan: a baseline's, by its id; `current` or `none`.",
        ),
    ] = Shown.CURRENT.value,
    format: Annotated[PictureFormat, Query(description="How it is drawn.")] = PictureFormat.SVG,
) -> giving.Drawing:
    return giving.Drawing(rows=slice(first - 1, first - 1 + rows), baseline=shown_of(baseline), format=format)


DrawingDep = Annotated[giving.Drawing, Depends(_drawing)]
TakingDep = Annotated[service.Taking, Depends(_taking)]


@router.post("/projects/{project_id}/plan/file", response_model=FileTakenOver, **_takes_file())
async def take_plan_file(
    project_id: UUID, request: Request, unit: UnitOfWorkDep, if_match: IfMatch, taking: TakingDep
) -> Response:
    """Make a Microsoft Project file part of a plan, wholly or not at all.

    Tasks are known by their UID: sent again after it was edited there, the file changes those that it brought before.
    Calendars and resources are found by their names, and made where there are none. What a plan does not know is
    counted in `left`, what it holds in another form in `adapted`. Its baselines are put on record where they are not
    yet, and a draft is planned then. Publishes what an edit of the plan does, and `work_calendar.created`,
    `resource.created`, `baseline.set` and `project.planned`.
    """
    content = await content_of(request, media_types=_XML)
    taken, version = await service.take_over(unit, project_id, content, taking, if_match=if_match)
    return changed(Rendered(project_id, taken.model_dump_json().encode(), version))


@router.get("/projects/{project_id}/plan/file", response_class=Response, responses=_FILES, **reads("projects:read"))
async def get_plan_file(
    project_id: UUID,
    reader: ReaderDep,
    format: Annotated[PlanFormat, Query(description="Microsoft Project XML, a table, or a calendar of its tasks.")] = (
        PlanFormat.MSPROJECT
    ),
) -> Response:
    """Give the plan out with its dates: for Microsoft Project, for a spreadsheet, or for a calendar program."""
    return await giving.file_answer(reader, project_id, format)


@router.get("/projects/{project_id}/plan/gantt", response_class=Response, responses=_PICTURES, **reads("projects:read"))
async def get_gantt(project_id: UUID, reader: ReaderDep, drawing: DrawingDep) -> Response:
    """Draw the plan as a Gantt chart: critical path, progress, a baseline (the current one), and the line of today."""
    return await giving.gantt_answer(reader, project_id, drawing)
