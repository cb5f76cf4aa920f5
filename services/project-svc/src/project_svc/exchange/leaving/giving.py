"""Use cases of plans that leave: as files and as pictures."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

from starlette.responses import Response

from crm_platform import icalendars
from crm_platform.charts.png import png_of
from crm_platform.clock import utc_now
from crm_platform.db import Connection
from crm_platform.http.pictures import drawn
from crm_platform.pdf import chart_pdf
from crm_platform.reads import Reader
from project_svc.baselines import service as baselines
from project_svc.exchange.errors import NothingToDraw
from project_svc.exchange.leaving.asked import Shown
from project_svc.exchange.leaving.baselines import numbered, rolled_up
from project_svc.exchange.leaving.forms import calendar_of, chart_of, table_of
from project_svc.exchange.leaving.outgoing import Leaving, file_of
from project_svc.exchange.mspdi.writing import write
from project_svc.exchange.schemas import PictureFormat, PlanFormat
from project_svc.plan import service as plans
from project_svc.projects import service as projects
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.network.cpm import scheduled
from project_svc.work_calendars import service as work_calendars

T = TypeVar("T")
_ENDINGS = {PlanFormat.MSPROJECT: "xml", PlanFormat.CSV: "csv", PlanFormat.ICALENDAR: "ics"}
_MEDIA_TYPES = {
    PlanFormat.MSPROJECT: "application/xml",
    PlanFormat.CSV: "text/csv; charset=utf-8",
    PlanFormat.ICALENDAR: icalendars.MEDIA_TYPE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What is drawn of a plan: some rows, with the bars of a baseline."""

    rows: slice
    baseline: UUID | Shown
    format: PictureFormat


async def file_answer(reader: Reader, project_id: UUID, format: PlanFormat) -> Response:
    """The plan as a file.

    Raises:
        NotFound: There is no such project, or not for this caller.
    """

    def content(leaving: Leaving) -> bytes:
        if format is PlanFormat.MSPROJECT:
            return write(file_of(leaving))
        return table_of(leaving, reader.caller.language) if format is PlanFormat.CSV else calendar_of(leaving)

    wanted = None if format is PlanFormat.MSPROJECT else Shown.NONE
    leaving, content_ = await _made(reader, project_id, content, wanted)
    name = quote(f"{leaving.title}.{_ENDINGS[format]}")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store"}
    return Response(content_, headers=headers, media_type=_MEDIA_TYPES[format])


async def gantt_answer(reader: Reader, project_id: UUID, drawing: Drawing) -> Response:
    """The plan as a chart of some rows, with the bars of a baseline.

    Raises:
        NotFound: There is no such project or baseline, or not for this caller.
        BaselineOfAnotherProject: The baseline is.
        NothingToDraw: There are no tasks in these rows.
    """
    await projects.check_visible(reader, project_id)
    if isinstance(drawing.baseline, UUID):
        await baselines.expect_of(reader, project_id, drawing.baseline)
    now = utc_now()

    def content(leaving: Leaving) -> str:
        shown = leaving.placed[drawing.rows]
        if not shown:
            raise NothingToDraw
        return chart_of(leaving, shown, language=reader.caller.language, today=now)

    leaving, svg = await _made(reader, project_id, content, drawing.baseline)
    if drawing.format is PictureFormat.SVG:
        return drawn(svg)
    headers = {"cache-control": "private, no-cache"}
    if drawing.format is PictureFormat.PNG:
        return Response(await asyncio.to_thread(png_of, svg), headers=headers, media_type="image/png")
    pdf = await asyncio.to_thread(chart_pdf, svg, title=leaving.title, language=reader.caller.language, at=now)
    return Response(pdf, headers=headers, media_type="application/pdf")


Kept = dict[int, list[baselines.BaselineTask]]
"""What baselines keep, by the number under which they leave."""


async def _kept(connection: Connection, project_id: UUID, wanted: UUID | Shown | None) -> Kept:
    """The baseline that is wanted; where it is none in particular, all that a file has a number for."""
    if isinstance(wanted, UUID):
        return {0: await baselines.tasks_of(connection, wanted)}
    if wanted is Shown.NONE:
        return {}
    newest_first = await baselines.of_project(connection, project_id)
    found = numbered(newest_first if wanted is None else newest_first[:1])
    return {number: await baselines.tasks_of(connection, one.id) for number, one in found.items()}


async def _made(
    reader: Reader, project_id: UUID, make: Callable[[Leaving], T], wanted: UUID | Shown | None
) -> tuple[Leaving, T]:
    """What leaves, and what is made of it, in a thread: a large plan takes a while."""
    await projects.check_visible(reader, project_id)
    async with reader.open() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        project = await projects.state_of(connection, project_id)
        whole = await plans.whole_plan(connection, project)
        around = await plans.around(connection, project.starts_on, whole.plan, whole.tasks.values())
        calendars = await work_calendars.find_many(connection, around.calendars)
        kept = await _kept(connection, project_id, wanted)

    def made() -> tuple[Leaving, T]:
        placed = plans.in_order(whole.tasks.values())
        rules = around.rules(whole.plan.calendar_id)
        clock = WorkTime(rules, project.starts_on)
        network = plans.network_of(whole.plan, [one.task for one in placed], around)
        leaving = Leaving(
            title=project.name,
            plan=whole.plan,
            placed=placed,
            rules=rules,
            calendars=calendars,
            resources=around.resources,
            schedule=scheduled(network, tolerant=True),
            before={number: rolled_up(tasks, placed, clock) for number, tasks in kept.items()},
        )
        return leaving, make(leaving)

    return await asyncio.to_thread(made)
