"""Use cases of capacity, and what the other slices need of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from crm_contracts.plan.v1 import ResourceKind
from crm_platform.clock import utc_now
from crm_platform.companies import zone_of
from crm_platform.days import day_of
from crm_platform.db import Connection
from crm_platform.errors import InvalidParameter
from crm_platform.reads import Reader
from crm_platform.words import Words
from project_svc.capacity import repository
from project_svc.capacity.charts.heat import drawn
from project_svc.capacity.domain import Clocks, Load, Periods, Unit, together
from project_svc.capacity.schemas import Axis, CapacityRead, CauseRead, CellRead, PeriodRead, RowRead
from project_svc.known_teams import service as known_teams
from project_svc.resources import service as resources
from project_svc.scheduling.calendars.rules import Rules
from project_svc.standings import service as standings
from project_svc.work_calendars import service as calendars

__all__ = [
    "AHEAD",
    "Capacity",
    "Clocks",
    "Overload",
    "Periods",
    "Unit",
    "capacity",
    "drawn",
    "loads",
    "overloads",
    "rules_of",
]

MOST_RESOURCES: Final = 500
_MOST_PERIODS: Final = 60
_MOST_CAUSES: Final = 20
_HOUR: Final = Decimal(60)
_USUAL: Final = timedelta(7 * 12 - 1)
AHEAD: Final = timedelta(7 * 4 - 1)
"""How far rules about overloaded people look ahead: this week and the next three."""
_TOO_LONG = Words(
    f"at most {_MOST_PERIODS} weeks or months from the first day", f"从起始日起最多 {_MOST_PERIODS} 周或月"
)


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Resources, and how they are loaded in each period."""

    periods: Periods
    workers: Mapping[UUID, resources.Resource]
    loads: Mapping[UUID, Sequence[Load]]


async def capacity(
    reader: Reader, *, first: date | None, last: date | None, unit: Unit, by: Axis, skill: str | None
) -> CapacityRead:
    """People and machines over time.

    Raises:
        InvalidParameter: The last day is before the first, or too far from it.
    """
    periods = _periods(first or await _today(reader), last, unit)
    left = await standings.follow_up(reader)
    async with reader.open() as connection:
        ids = await repository.workers(connection, skill, periods.starts[0], periods.last_on, MOST_RESOURCES + 1)
        found = await loads(connection, ids[:MOST_RESOURCES], periods, booked=True)
        over = [
            (id, start)
            for id, row in found.loads.items()
            for start, load in zip(periods.starts, row, strict=True)
            if load.over
        ]
        causes = await repository.causes(connection, reader.caller, over, unit) if by is Axis.RESOURCE else ()
        teams = await _teams(connection, found.workers.values())
    ordered = [id for id in ids[:MOST_RESOURCES] if id in found.workers]
    people = [id for id in ordered if found.workers[id].kind is ResourceKind.PERSON]
    if by is Axis.SKILL:
        rows = _by_skill(found, ordered)
    elif by is Axis.TEAM:
        rows = _by_team(found, ordered, teams)
    else:
        rows = _by_resource(found, ordered, _causes(reader, causes), teams)
    return CapacityRead(
        unit=unit,
        by=by,
        periods=[PeriodRead(starts_on=a, ends_on=b) for a, b in zip(periods.starts, periods.ends(), strict=True)],
        rows=rows,
        people_over=sum(any(load.over for load in found.loads[id]) for id in people),
        hours_over=_hours(sum(load.over for id in people for load in found.loads[id])),
        is_current=not left,
        truncated=len(ids) > MOST_RESOURCES,
    )


async def loads(
    connection: Connection,
    ids: Collection[UUID],
    periods: Periods,
    *,
    booked: bool = False,
    without: Collection[UUID] = (),
) -> Capacity:
    """How resources are loaded by the projects that are planned or under way, those in ``without`` aside."""
    workers = await resources.find_many(connection, ids)
    rules = await rules_of(connection, workers.values())
    span = periods.starts[0], periods.last_on
    demand = _placed(periods, await repository.demand(connection, ids, *span, periods.unit, without=without))
    worked = _placed(periods, await repository.booked(connection, ids, *span, periods.unit)) if booked else {}
    clocks = Clocks(periods)
    found = {}
    for id, worker in workers.items():
        there = clocks.capacity(worker, rules[id])
        spent = worked.get(id, {}) if booked and worker.user_id is not None else None
        found[id] = [
            Load(minutes, demand.get(id, {}).get(place, 0), None if spent is None else spent.get(place, 0))
            for place, minutes in enumerate(there)
        ]
    return Capacity(periods=periods, workers=workers, loads=found)


async def rules_of(connection: Connection, workers: Iterable[resources.Resource]) -> dict[UUID, Rules]:
    """The rules of the calendars of resources; for those without one, five days of eight hours where the company is."""
    those = list(workers)
    usual = Rules(zone=(await zone_of(connection)).key)
    known = await calendars.find_many(connection, [one.calendar_id for one in those if one.calendar_id is not None])
    return {one.id: usual if one.calendar_id is None else known[one.calendar_id].rules() for one in those}


class Overload(NamedTuple):
    """Overloaded people of a project.

    Attributes:
        people: How many are overloaded in a week in which the project needs them.
        hours: By how much in these weeks together.
    """

    people: int = 0
    hours: Decimal = Decimal(0)


async def overloads(connection: Connection, project_ids: Collection[UUID], today: date) -> dict[UUID, Overload]:
    """The overloaded people of projects in this week and the next three; all projects are there.

    The overload of a person is that by all projects together.
    """
    await standings.bring_up_to_date(connection)
    periods = Periods.touching(today, today + AHEAD, Unit.WEEK)
    needed = await repository.people_of(connection, project_ids, periods.starts[0], periods.last_on)
    found = await loads(connection, {row["resource_id"] for row in needed}, periods)
    over: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for row in needed:
        load = found.loads[row["resource_id"]][periods.places[row["starts_on"]]]
        if load.over:
            people = over[row["project_id"]]
            people[row["resource_id"]] = people.get(row["resource_id"], 0) + load.over
    return {
        id: Overload(len(people), Decimal(sum(people.values())) / _HOUR)
        for id, people in ((id, over.get(id, {})) for id in project_ids)
    }


async def _today(reader: Reader) -> date:
    async with reader.open() as connection:
        return day_of(utc_now(), await zone_of(connection))


def _periods(begin: date, last: date | None, unit: Unit) -> Periods:
    end = last or begin + _USUAL
    if end < begin or (end - begin).days > _MOST_PERIODS * 31:
        raise InvalidParameter(parameter="to", message=_TOO_LONG)
    periods = Periods.touching(begin, end, unit)
    if len(periods.starts) > _MOST_PERIODS:
        raise InvalidParameter(parameter="to", message=_TOO_LONG)
    return periods


def _placed(periods: Periods, rows: Iterable[Any]) -> dict[UUID, dict[int, int]]:
    found: dict[UUID, dict[int, int]] = defaultdict(dict)
    for row in rows:
        found[row["resource_id"]][periods.places[row["starts_on"]]] = row["minutes"]
    return found


_Teams = Mapping[UUID, known_teams.KnownTeam]


async def _teams(connection: Connection, workers: Iterable[resources.Resource]) -> _Teams:
    """The teams of people by resource: those of the users that they are; nobody else is in any."""
    users = {one.id: one.user_id for one in workers if one.user_id is not None}
    teams = await known_teams.teams_of(connection, users.values())
    return {id: teams[user] for id, user in users.items() if user in teams}


_Causes = Mapping[tuple[UUID, date], tuple[list[CauseRead], int]]


def _causes(reader: Reader, rows: Iterable[Any]) -> _Causes:
    """Tasks with names, and the minutes of all others, by resource and period."""
    may_read = reader.caller.may("projects:read")
    found: dict[tuple[UUID, date], tuple[list[CauseRead], int]] = {}
    for row in rows:
        shown, hidden = found.get((row["resource_id"], row["starts_on"]), ([], 0))
        if row["project_id"] is None or not may_read:
            hidden += row["minutes"]
        elif len(shown) < _MOST_CAUSES:
            names = ("project_id", "project_name", "task_id", "task_name")
            shown.append(CauseRead(**{name: row[name] for name in names}, hours=_hours(row["minutes"])))
        found[row["resource_id"], row["starts_on"]] = shown, hidden
    return found


def _by_resource(found: Capacity, ids: Iterable[UUID], causes: _Causes, teams: _Teams) -> list[RowRead]:
    rows = []
    for id in ids:
        worker = found.workers[id]
        cells = []
        for start, load in zip(found.periods.starts, found.loads[id], strict=True):
            shown, hidden = causes.get((id, start), ([], 0))
            cells.append(_cell([load], causes=shown, hidden=hidden))
        team_id = teams[id].id if id in teams else None
        about = {"kind": worker.kind, "skills": list(worker.skills), "resources": 1, "team_id": team_id}
        rows.append(RowRead(resource_id=id, name=worker.name, cells=cells, **about))
    return rows


def _by_skill(found: Capacity, ids: Iterable[UUID]) -> list[RowRead]:
    """Whoever has two skills is in both rows."""
    having: dict[str | None, list[UUID]] = defaultdict(list)
    for id in ids:
        for skill in found.workers[id].skills or (None,):
            having[skill].append(id)
    ordered = sorted(having.items(), key=lambda one: (one[0] is None, one[0] or ""))
    return [_together(found, those, name=skill, skills=(skill,) if skill else ()) for skill, those in ordered]


def _by_team(found: Capacity, ids: Iterable[UUID], teams: _Teams) -> list[RowRead]:
    """Everybody is in one row; what nobody is as a user is with those who are in no team."""
    members: dict[known_teams.KnownTeam | None, list[UUID]] = defaultdict(list)
    for id in ids:
        members[teams.get(id)].append(id)
    ordered = sorted(members.items(), key=lambda one: (one[0] is None, one[0] and (one[0].name or "", str(one[0].id))))
    return [
        _together(found, those, name=team and team.name, team_id=team.id if team else None) for team, those in ordered
    ]


def _together(
    found: Capacity,
    ids: Sequence[UUID],
    *,
    name: str | None,
    skills: Iterable[str] = (),
    team_id: UUID | None = None,
) -> RowRead:
    return RowRead(
        resource_id=None,
        team_id=team_id,
        name=name,
        kind=None,
        skills=list(skills),
        resources=len(ids),
        cells=[_cell(column) for column in zip(*(found.loads[id] for id in ids), strict=True)],
    )


def _cell(loads: Sequence[Load], *, causes: Sequence[CauseRead] = (), hidden: int = 0) -> CellRead:
    whole = together(loads)
    return CellRead(
        capacity=_hours(whole.capacity),
        demand=_hours(whole.demand),
        booked=None if whole.booked is None else _hours(whole.booked),
        over=_hours(sum(load.over for load in loads)),
        people_over=sum(load.over > 0 for load in loads),
        causes=list(causes),
        hidden=_hours(hidden),
    )


def _hours(minutes: int) -> float:
    return round(minutes / 60, 2)
