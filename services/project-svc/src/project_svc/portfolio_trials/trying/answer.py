"""The answer to a trial."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from project_svc.plan.service import PlanOutOfCalendar, Task
from project_svc.portfolio_trials.schemas import CashMonth, Delay, Levelled, Moved, Option, Overload, WhatIfResult
from project_svc.portfolio_trials.trying.cash import Months, costs_of
from project_svc.portfolio_trials.trying.fit import overloads, shortages
from project_svc.portfolio_trials.trying.joint import Joint, joined
from project_svc.portfolio_trials.trying.question import Member, Question
from project_svc.schedules import service as schedules
from project_svc.scheduling.calendars.worktime import OutOfCalendarError
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.scheduling.levelling import Wait
from project_svc.standings.service import demands_of

_MOST: Final = 200
_WEEK: Final = timedelta(7)


def tried(question: Question) -> dict[str, Any]:
    """What a project would do to the portfolio, as JSON.

    Raises:
        PlanOutOfCalendar: There is no working time for a project.
    """
    try:
        return _tried(question)
    except OutOfCalendarError as error:
        raise PlanOutOfCalendar from error


def _tried(question: Question) -> dict[str, Any]:
    base = None if question.candidate is None else joined(question.peers, question.as_of)
    options, impossible = [], {} if base is None else _impossible(base)
    for day in question.starts:
        option, joint = _option(question, day, base)
        options.append(option)
        impossible |= {} if joint is None else _impossible(joint)
    searched = [question.starts[0] + number * _WEEK for number in range(question.search_weeks + 1)]
    result = WhatIfResult(
        options=options,
        fits_on=next((day for day in searched if not _overloads(question, day)[0]), None),
        searched_until=searched[-1],
        impossible=list(impossible.values())[:_MOST],
        unassigned=list(question.unassigned)[:_MOST],
    )
    return result.model_dump(mode="json")


def _overloads(question: Question, day: date) -> tuple[list[Overload], date]:
    """Whom the project would overload if it started on a day, and when it would end."""
    if question.candidate is None:
        first = question.there.periods.places[question.there.periods.start_of(day)]
        weeks = max(map(len, question.skills.values()), default=1)
        return shortages(question.skills, first, question.there), day + weeks * _WEEK - timedelta(1)
    member = question.candidate.starting(day)
    found = schedules.reckoned(member.whole.plan, member.whole.tasks, member.around)
    return overloads(demands_of(found), question.there), datetime_of(
        found.schedule.finish, ZoneInfo(member.around.zone)
    ).date()


def _option(question: Question, day: date, base: Joint | None) -> tuple[Option, Joint | None]:
    over, finish = _overloads(question, day)
    joint = levelled = None
    if question.candidate is not None and base is not None:
        joint = joined(question.members(question.candidate.starting(day)), question.as_of)
        levelled = _levelled(question, base, joint)
    option = Option(starts_on=day, finishes_on=finish, fits=not over, overloads=over[:_MOST], levelled=levelled)
    return option, joint


def _levelled(question: Question, base: Joint, joint: Joint) -> Levelled:
    candidate = question.candidate
    assert candidate is not None  # noqa: S101 - for mypy; whoever calls has looked
    own = joint.levelling.schedule.dates[str(candidate.id)]
    return Levelled(
        starts_at=datetime_of(own.start),
        finishes_at=datetime_of(own.finish),
        moved=_moved(base, joint)[:_MOST],
        delays=_delays(base, joint)[:_MOST],
        cash=_cash(costs_of(base, question.as_of), costs_of(joint, question.as_of))[:_MOST],
    )


def _moved(base: Joint, joint: Joint) -> list[Moved]:
    before, after = base.levelling.schedule.dates, joint.levelling.schedule.dates
    return [
        Moved(
            project_id=one.id,
            name=one.name,
            before=datetime_of(before[str(one.id)].finish),
            after=datetime_of(after[str(one.id)].finish),
        )
        for one in base.members
        if before[str(one.id)].finish != after[str(one.id)].finish
    ]


def _delays(base: Joint, joint: Joint) -> list[Delay]:
    known = set(base.levelling.waits)
    of_task: dict[str, tuple[Member, Task]] = {
        str(task.id): (member, task) for member in joint.members for task in member.whole.tasks.values()
    }
    return [_delay(wait, of_task) for wait in joint.levelling.waits if wait not in known]


def _delay(wait: Wait, of_task: Mapping[str, tuple[Member, Task]]) -> Delay:
    member, task = of_task[wait.task]
    seen = member.name is not None
    resource = member.around.resources[UUID(wait.resource)]
    holders = [of_task[id] for id in wait.holders]
    return Delay(
        project_id=member.id,
        project_name=member.name,
        task_id=task.id if seen else None,
        task_name=task.name if seen else None,
        resource_id=resource.id,
        resource_name=resource.name,
        since=datetime_of(wait.since),
        until=datetime_of(wait.until),
        holders=[held.name for other, held in holders if other.name is not None],
    )


def _cash(without: Months, with_it: Months) -> list[CashMonth]:
    none = Decimal(0)
    return [
        CashMonth(month=key[0], currency=key[1], without=without.get(key, none), with_project=with_it.get(key, none))
        for key in sorted(without.keys() | with_it.keys())
    ]


def _impossible(joint: Joint) -> dict[UUID, str]:
    """Names of tasks that need too much, of projects that may be seen."""
    named: Sequence[Member] = [one for one in joint.members if one.name is not None]
    return {id: one.whole.tasks[id].name for id in joint.impossible for one in named if id in one.whole.tasks}
