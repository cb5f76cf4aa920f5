"""Use cases of timesheets."""

from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import asyncpg

from crm_contracts.base import Money
from crm_contracts.execution.v1 import (
    CostSource,
    TimeEntry,
    TimesheetApproved,
    TimesheetCreated,
    TimesheetRejected,
    TimesheetSubmitted,
    TimesheetUpdated,
)
from crm_platform.currencies import minor_unit
from crm_platform.errors import AlreadyExists, InvalidPayload
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.costs import service as costs
from project_svc.plan import service as plan
from project_svc.projects import service as projects
from project_svc.resources import service as resources
from project_svc.timesheets.domain import NOUN, Timesheet
from project_svc.timesheets.errors import RateMissing
from project_svc.timesheets.models import TIMESHEETS
from project_svc.timesheets.schemas import TimesheetCreate, TimesheetUpdate

_HOUR = Decimal(60)


async def create_timesheet(unit: UnitOfWork, body: TimesheetCreate) -> Rendered:
    """Begin to record the caller's own work of a week.

    Raises:
        InvalidPayload: Its entries do not fit the week, or a task does not exist.
        AlreadyExists: There is one of this week.
    """
    mine = {"owner_id": unit.caller.id, "team_id": unit.caller.team_id, "user_id": unit.caller.id}
    empty = Timesheet(id=new_id(), week_starts_on=body.week_starts_on, **mine)
    timesheet = await _checked(unit, empty.filled(tuple(body.entries)))
    try:
        return await unit.insert(TIMESHEETS, timesheet, TimesheetCreated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="week_starts_on") from error


async def update_timesheet(unit: UnitOfWork, id: UUID, body: TimesheetUpdate, *, if_match: object) -> Rendered:
    """Put other entries in the place of those that there are; one that was rejected is a draft again.

    Raises:
        NotYourTimesheet: It is somebody else's.
        InvalidTransition: It waits for approval, or is approved.
        InvalidPayload: Its entries do not fit the week, or a task does not exist.
    """
    before = await unit.load(TIMESHEETS, id, if_match=if_match)
    before.expect_of(unit.caller.id)
    after = await _checked(unit, before.filled(tuple(body.entries)))
    return await unit.update(TIMESHEETS, before, after, TimesheetUpdated)


async def submit_timesheet(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Ask for approval of the caller's own work.

    Raises:
        NotYourTimesheet: It is somebody else's.
        TimesheetEmpty: There is nothing to submit.
        InvalidTransition: It is submitted or approved already.
    """
    before = await unit.load(TIMESHEETS, id, if_match=if_match)
    before.expect_of(unit.caller.id)
    after = before.move("submit", at=unit.now, by=unit.caller.actor)
    return await unit.update(TIMESHEETS, before, after, TimesheetSubmitted, reason=reason)


async def approve_timesheet(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Approve somebody else's work: it costs what the rates of its days say, from then on.

    Raises:
        OwnTimesheet: It is the caller's own.
        InvalidTransition: It does not wait for approval.
        RateMissing: Its person has no rate on a day; nothing is approved.
    """
    before = await unit.load(TIMESHEETS, id, if_match=if_match)
    before.expect_not_of(unit.caller.id)
    after = before.move("approve", at=unit.now, by=unit.caller.actor)
    await costs.record(unit, await _lines(unit, before))
    return await unit.update(TIMESHEETS, before, after, TimesheetApproved, reason=reason)


async def reject_timesheet(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str) -> Rendered:
    """Send somebody else's timesheet back.

    Raises:
        OwnTimesheet: It is the caller's own.
        InvalidTransition: It does not wait for approval.
    """
    before = await unit.load(TIMESHEETS, id, if_match=if_match)
    before.expect_not_of(unit.caller.id)
    after = before.move("reject", at=unit.now, by=unit.caller.actor)
    return await unit.update(TIMESHEETS, before, after, TimesheetRejected, reason=reason)


async def _checked(unit: UnitOfWork, timesheet: Timesheet) -> Timesheet:
    """The timesheet itself; tasks need not be visible to whoever works on them, since projects have members."""
    tasks = await plan.projects_of(unit.connection, {entry.task_id for entry in timesheet.entries})
    problems = timesheet.problems(tasks, unit.caller.language)
    if problems:
        raise InvalidPayload(count=len(problems), errors=problems)
    return timesheet


async def _lines(unit: UnitOfWork, timesheet: Timesheet) -> list[tuple[projects.Project, costs.CostLine]]:
    """What the work costs its projects; work on a task that was removed in the meantime is not lost, but refused."""
    homes = await plan.projects_of(unit.connection, {entry.task_id for entry in timesheet.entries})
    problems = timesheet.problems(homes, unit.caller.language)
    if problems:
        raise InvalidPayload(count=len(problems), errors=problems)
    known = await projects.find_all(unit, set(homes.values()))
    currencies = {id: await plan.currency_of(unit.connection, project) for id, project in known.items()}
    person = await resources.find_of_user(unit.connection, timesheet.user_id)
    lines = []
    for place, entry in enumerate(timesheet.entries):
        project = known[homes[entry.task_id]]
        currency = currencies[project.id]
        rate = None if person is None else person.rate_on(entry.day, currency)
        if rate is None:
            waiting = len(timesheet.entries) - place
            raise RateMissing(currency=currency, day=entry.day, user_id=timesheet.user_id, count=waiting)
        lines.append(
            (project, _line(timesheet, place, entry, Money(amount=_cost(entry, rate, currency), currency=currency)))
        )
    return lines


def _cost(entry: TimeEntry, rate: Decimal, currency: str) -> Decimal:
    return (rate * entry.minutes / _HOUR).quantize(minor_unit(currency), ROUND_HALF_UP)


def _line(timesheet: Timesheet, place: int, entry: TimeEntry, amount: Money) -> costs.CostLine:
    return costs.CostLine(
        source=CostSource.TIMESHEET,
        source_ref=f"{timesheet.id}/{place}",
        task_id=entry.task_id,
        incurred_on=entry.day,
        amount=amount,
        minutes=entry.minutes,
        description=entry.note,
    )
