"""Use cases of working calendars, and what the other slices need of them."""

from collections.abc import Iterable
from uuid import UUID

from crm_contracts.plan.v1 import WorkCalendarCreated, WorkCalendarUpdated
from crm_platform.companies import zone_of
from crm_platform.db import Connection
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.work_calendars import repository
from project_svc.work_calendars.domain import WorkCalendar
from project_svc.work_calendars.errors import UnknownWorkCalendar
from project_svc.work_calendars.models import WORK_CALENDARS
from project_svc.work_calendars.schemas import WorkCalendarCreate, WorkCalendarUpdate

__all__ = [
    "UnknownWorkCalendar",
    "WorkCalendar",
    "WorkCalendarCreate",
    "create_calendar",
    "expect",
    "find_many",
    "find_named",
    "update_calendar",
]


async def create_calendar(unit: UnitOfWork, body: WorkCalendarCreate) -> Rendered:
    """Define a calendar.

    Raises:
        ImpossibleCalendar: It says nothing sensible.
    """
    zone = body.time_zone or (await zone_of(unit.connection)).key
    calendar = WorkCalendar(id=new_id(), **body.model_dump() | {"time_zone": zone}).checked(unit.caller.language)
    return await unit.insert(WORK_CALENDARS, calendar, WorkCalendarCreated)


async def update_calendar(unit: UnitOfWork, id: UUID, body: WorkCalendarUpdate, *, if_match: object) -> Rendered:
    """Change a calendar, and with it all dates that follow from it.

    Raises:
        ImpossibleCalendar: It would say nothing sensible.
    """
    before = await unit.load(WORK_CALENDARS, id, if_match=if_match)
    after = before.changed(**changes_of(body)).checked(unit.caller.language)
    return await unit.update(WORK_CALENDARS, before, after, WorkCalendarUpdated)


async def find_many(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, WorkCalendar]:
    """Calendars by id; those that do not exist are absent."""
    wanted = set(ids)
    rows = await repository.find_many(connection, wanted) if wanted else ()
    return {row["id"]: WORK_CALENDARS.spec.from_row(row) for row in rows}


async def find_named(connection: Connection, names: Iterable[str]) -> list[WorkCalendar]:
    """Calendars with one of these names, the oldest first."""
    wanted = set(names)
    rows = await repository.find_named(connection, wanted) if wanted else ()
    return list(map(WORK_CALENDARS.spec.from_row, rows))


async def expect(connection: Connection, id: UUID | None) -> None:
    """Refuse a reference to a calendar that is not there.

    Raises:
        UnknownWorkCalendar: It does not exist.
    """
    if id is not None and id not in await find_many(connection, [id]):
        raise UnknownWorkCalendar(calendar_id=id)
