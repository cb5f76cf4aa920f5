"""Calendars and resources of a file: those that are known are used as they are, others are made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts.plan.v1 import ResourceKind as Kind
from crm_platform.errors import Forbidden
from crm_platform.uow import UnitOfWork
from project_svc.exchange.arriving.incoming import Adapted
from project_svc.exchange.mspdi.document import (
    FileCalendar,
    FileRate,
    FileResource,
    Left,
    ProjectFile,
    ResourceKind,
)
from project_svc.exchange.mspdi.resources import ALWAYS
from project_svc.exchange.mspdi.week import full_calendar, meet, own_calendar
from project_svc.resources import service as resources
from project_svc.scheduling.calendars.rules import DAY, Span
from project_svc.work_calendars import service as work_calendars

AROUND_THE_CLOCK = "24 × 7"
"""Name of the calendar of durations by the clock."""
_WHOLE = 100
_A_MINUTE = timedelta(minutes=1)
_SCOPE = "resources:write"
_ALWAYS = resources.ALWAYS
_KINDS = {ResourceKind.WORK: Kind.PERSON, ResourceKind.MATERIAL: Kind.MATERIAL}


@dataclass(slots=True, kw_only=True)
class Parts:
    """What the parts of a file are here, by their numbers in it; and which of them are new."""

    calendars: dict[int, UUID] = field(default_factory=dict)
    around_the_clock: UUID | None = None
    resources: dict[int, UUID] = field(default_factory=dict)
    calendars_created: list[UUID] = field(default_factory=list)
    resources_created: list[UUID] = field(default_factory=list)
    left: Counter[Left] = field(default_factory=Counter)
    adapted: Counter[Adapted] = field(default_factory=Counter)


async def parts_of(unit: UnitOfWork, file: ProjectFile, *, time_zone: ZoneInfo, currency: str) -> Parts:
    """Find or make the calendars and resources that a file uses.

    Raises:
        Forbidden: Something has to be made, and the caller may not.
        ImpossibleCalendar: A calendar says nothing sensible.
        ImpossibleResource: A resource does.
    """
    parts = Parts()
    await _find_calendars(unit, file, time_zone, parts)
    await _find_resources(unit, file, currency, parts)
    return parts


async def _find_calendars(unit: UnitOfWork, file: ProjectFile, time_zone: ZoneInfo, parts: Parts) -> None:
    known = {one.uid: one for one in file.calendars}
    used = [file.calendar, *(task.calendar for task in file.tasks), *(one.calendar for one in file.resources)]
    wanted = sorted({own for uid in used if (own := own_calendar(uid, known)) is not None})
    bodies = {uid: full_calendar(known[uid], known, time_zone.key) for uid in wanted}
    if any(task.elapsed and task.duration for task in file.tasks):
        whole = FileCalendar(uid=-1, name=AROUND_THE_CLOCK, week=((Span(0, DAY),),) * 7)
        bodies[whole.uid] = full_calendar(whole, {}, time_zone.key)
    here = await work_calendars.find_named(unit.connection, {body["name"] for body in bodies.values()})
    for uid, values in bodies.items():
        body = work_calendars.WorkCalendarCreate.model_validate(values)
        id = next((one.id for one in here if _same(one, body)), None)
        if id is None:
            _expect_allowed(unit)
            id = (await work_calendars.create_calendar(unit, body)).id
            parts.calendars_created.append(id)
        if uid == -1:
            parts.around_the_clock = id
        else:
            parts.calendars[uid] = id


def _expect_allowed(unit: UnitOfWork) -> None:
    """Whoever may edit a plan may not therefore make what all plans share.

    Raises:
        Forbidden: The file needs that.
    """
    if not unit.caller.may(_SCOPE):
        raise Forbidden(scope=_SCOPE)


def _same(calendar: work_calendars.WorkCalendar, body: work_calendars.WorkCalendarCreate) -> bool:
    """Whether a calendar says just what the file does."""
    asked = body.model_dump(mode="json")
    return calendar.model_dump(mode="json", include=set(asked)) == asked


async def _find_resources(unit: UnitOfWork, file: ProjectFile, currency: str, parts: Parts) -> None:
    wanted = [one for one in file.resources if one.kind in _KINDS]
    parts.left[Left.MONEY_ONLY] += len(file.resources) - len(wanted)
    here = await resources.find_named(unit.connection, {_name(one) for one in wanted})
    calendars = {one.uid: one for one in file.calendars}
    standard = own_calendar(file.calendar, calendars)
    for one in wanted:
        parts.left[Left.RESOURCE_DETAILS] += bool(one.initials or one.group or one.email or one.notes)
        parts.left[Left.OVERTIME] += any(rate.overtime or rate.per_use for rate in one.rates)
        name, kind = _name(one), _KINDS[one.kind]
        id = next((known.id for known in here if known.name == name and known.kind is kind), None)
        if id is None:
            _expect_allowed(unit)
            own = own_calendar(one.calendar, calendars)
            if own is not None and standard is not None and not meet(calendars[own], calendars[standard], calendars):
                parts.adapted[Adapted.OTHER_HOURS] += 1
                own = None
            body = _body(one, currency, None if own in {None, standard} else parts.calendars[own or 0])
            id = (await resources.create_resource(unit, body)).id
            parts.resources_created.append(id)
        parts.resources[one.uid] = id


def _name(resource: FileResource) -> str:
    return resource.name or f"Resource {resource.uid}"


def _body(resource: FileResource, currency: str, calendar_id: UUID | None) -> resources.ResourceCreate:
    values: Mapping[str, Any] = {
        "name": _name(resource),
        "kind": _KINDS[resource.kind],
        "calendar_id": calendar_id,
        "capacity": _capacity(resource),
        "rates": _rates(resource.rates, currency),
    }
    return resources.ResourceCreate.model_validate(values)


def _capacity(resource: FileResource) -> list[dict[str, Any]]:
    """Steps of capacity: what a file says for a time ends with it."""
    if not resource.availability:
        return [{"since": _ALWAYS, "units": round(resource.max_units * _WHOLE)}]
    steps: dict[date, int] = {}
    for one in sorted(resource.availability, key=lambda one: one.since):
        steps[max(one.since.date(), _ALWAYS)] = round(one.units * _WHOLE)
        if one.until < ALWAYS[1]:
            steps[(one.until + _A_MINUTE).date()] = 0
    return [{"since": day, "units": units} for day, units in sorted(steps.items())]


def _rates(rates: Sequence[FileRate], currency: str) -> list[dict[str, Any]]:
    steps = {max(one.since.date(), _ALWAYS): one.standard for one in sorted(rates, key=lambda one: one.since)}
    return [
        {"since": day, "rate": {"amount": str(amount), "currency": currency}} for day, amount in sorted(steps.items())
    ]
