"""Use cases of plans that leave: as files and as pictures."""

import asyncio
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

from starlette.responses import Response

from crm_platform import icalendars
from crm_platform.charts.png import png_of
from crm_platform.clock import utc_now
from crm_platform.http.pictures import drawn
from crm_platform.pdf import chart_pdf
from crm_platform.reads import Reader
from project_svc.exchange.errors import NothingToDraw
from project_svc.exchange.leaving.forms import calendar_of, chart_of, table_of
from project_svc.exchange.leaving.outgoing import Leaving, file_of
from project_svc.exchange.mspdi.writing import write
from project_svc.exchange.schemas import PictureFormat, PlanFormat
from project_svc.plan import service as plans
from project_svc.projects import service as projects
from project_svc.scheduling.network.cpm import scheduled
from project_svc.work_calendars import service as work_calendars

T = TypeVar("T")
_ENDINGS = {PlanFormat.MSPROJECT: "xml", PlanFormat.CSV: "csv", PlanFormat.ICALENDAR: "ics"}
_MEDIA_TYPES = {
    PlanFormat.MSPROJECT: "application/xml",
    PlanFormat.CSV: "text/csv; charset=utf-8",
    PlanFormat.ICALENDAR: icalendars.MEDIA_TYPE,
}


async def file_answer(reader: Reader, project_id: UUID, format: PlanFormat, *, language: str) -> Response:
    """The plan as a file.

    Raises:
        NotFound: There is no such project, or not for this caller.
    """

    def content(leaving: Leaving) -> bytes:
        if format is PlanFormat.MSPROJECT:
            return write(file_of(leaving))
        return table_of(leaving, language) if format is PlanFormat.CSV else calendar_of(leaving)

    leaving, content_ = await _made(reader, project_id, content)
    name = quote(f"{leaving.title}.{_ENDINGS[format]}")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store"}
    return Response(content_, headers=headers, media_type=_MEDIA_TYPES[format])


async def gantt_answer(
    reader: Reader, project_id: UUID, format: PictureFormat, *, rows: slice, language: str
) -> Response:
    """The plan as a chart of some rows.

    Raises:
        NotFound: There is no such project, or not for this caller.
        NothingToDraw: There are no tasks in these rows.
    """
    now = utc_now()

    def content(leaving: Leaving) -> str:
        shown = leaving.placed[rows]
        if not shown:
            raise NothingToDraw
        return chart_of(leaving, shown, language=language, today=now, baseline={})

    leaving, svg = await _made(reader, project_id, content)
    if format is PictureFormat.SVG:
        return drawn(svg)
    headers = {"cache-control": "private, no-cache"}
    if format is PictureFormat.PNG:
        return Response(await asyncio.to_thread(png_of, svg), headers=headers, media_type="image/png")
    pdf = await asyncio.to_thread(chart_pdf, svg, title=leaving.title, language=language, at=now)
    return Response(pdf, headers=headers, media_type="application/pdf")


async def _made(reader: Reader, project_id: UUID, make: Callable[[Leaving], T]) -> tuple[Leaving, T]:
    """What leaves, and what is made of it, in a thread: a large plan takes a while."""
    await projects.check_visible(reader, project_id)
    async with reader.open() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        project = await projects.state_of(connection, project_id)
        whole = await plans.whole_plan(connection, project)
        around = await plans.around(connection, project.starts_on, whole.plan, whole.tasks.values())
        calendars = await work_calendars.find_many(connection, around.calendars)

    def made() -> tuple[Leaving, T]:
        placed = plans.in_order(whole.tasks.values())
        network = plans.network_of(whole.plan, [one.task for one in placed], around)
        leaving = Leaving(
            title=project.name,
            plan=whole.plan,
            placed=placed,
            calendars=calendars,
            resources=around.resources,
            schedule=scheduled(network, tolerant=True),
        )
        return leaving, make(leaving)

    return await asyncio.to_thread(made)
