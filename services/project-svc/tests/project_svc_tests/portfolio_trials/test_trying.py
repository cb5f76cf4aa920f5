"""Trials as such: whose work goes first, what cannot be levelled, and costs by month."""

import pickle
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.base import Money
from crm_contracts.plan.v1 import ResourceKind, TaskAssignment
from project_svc.capacity.domain import Load, Periods, Unit
from project_svc.capacity.service import Capacity
from project_svc.plan.domain import Plan, Task
from project_svc.plan.service import PlanOutOfCalendar, Surroundings, WholePlan
from project_svc.portfolio_trials.domain import Priority
from project_svc.portfolio_trials.trying.answer import tried
from project_svc.portfolio_trials.trying.cash import costs_of
from project_svc.portfolio_trials.trying.joint import joined
from project_svc.portfolio_trials.trying.question import Member, Question
from project_svc.resources.domain import Resource
from project_svc.scheduling.calendars.rules import Rules

MONDAY, TODAY = date(2026, 3, 2), date(2026, 2, 1)
FANG = Resource(id=UUID(int=1), name="王芳", kind=ResourceKind.PERSON)
NEVER = UUID(int=99)


def project(number: int, days: int, *, units: int = 100, due: date = date(2026, 12, 31), **fields: Any) -> Member:
    """A project of one task that Wang Fang does."""
    id, name = UUID(int=100 * number), f"P{number}"
    task = Task(
        id=UUID(int=100 * number + 1),
        project_id=id,
        name=f"t{number}",
        duration=480 * days,
        assignments=(TaskAssignment(resource_id=FANG.id, units=units),),
        **fields,
    )
    around = Surroundings(starts_on=MONDAY, calendars={NEVER: Rules(week=((),) * 7)}, resources={FANG.id: FANG})
    return Member(id=id, name=name, due_on=due, whole=WholePlan(plan=Plan(id=id), tasks={task.id: task}), around=around)


def asked(candidate: Member, *peers: Member, priority: Priority = Priority.LAST) -> dict[str, Any]:
    periods = Periods.touching(MONDAY, date(2026, 6, 28), Unit.WEEK)
    loads = {FANG.id: [Load(2400, 0)] * len(periods.starts)}
    there = Capacity(periods=periods, workers={FANG.id: FANG}, loads=loads)
    question = Question(
        candidate=candidate,
        skills={},
        starts=(MONDAY,),
        search_weeks=2,
        priority=priority,
        peers=peers,
        there=there,
        as_of=TODAY,
    )
    result = tried(pickle.loads(pickle.dumps(question)))  # noqa: S301 - as it goes to another process
    assert tried(question) == result
    return result


def finishes(result: dict[str, Any]) -> dict[str, str]:
    levelled = result["options"][0]["levelled"]
    moved = {one["name"]: one["after"][:10] for one in levelled["moved"]}
    return moved | {"candidate": levelled["finishes_at"][:10]}


def test_by_due_date_a_candidate_goes_between_the_others() -> None:
    early, late = project(1, 5, due=date(2026, 4, 1)), project(2, 5, due=date(2026, 8, 1))
    candidate = project(3, 5, due=date(2026, 6, 1))

    assert finishes(asked(candidate, early, late)) == {"candidate": "2026-03-20"}
    assert finishes(asked(candidate, early, late, priority=Priority.BY_DUE_DATE)) == {
        "candidate": "2026-03-13",
        "P2": "2026-03-20",
    }
    assert finishes(asked(candidate, early, late, priority=Priority.FIRST)) == {
        "candidate": "2026-03-06",
        "P1": "2026-03-13",
        "P2": "2026-03-20",
    }


def test_what_needs_more_than_there_will_ever_be_is_named_and_not_levelled() -> None:
    result = asked(project(3, 5, units=150), project(1, 5))

    assert (result["impossible"], finishes(result)) == (["t3"], {"candidate": "2026-03-06"})
    (over,) = result["options"][0]["overloads"]
    assert (over["wanted"], over["over"], result["fits_on"]) == (60, 20, None)


def test_without_working_time_there_is_no_answer() -> None:
    with pytest.raises(PlanOutOfCalendar):
        asked(project(3, 5, calendar_id=NEVER))


def test_costs_are_spread_over_months_and_begin_with_that_of_the_question() -> None:
    fixed = Money(amount=Decimal(3000), currency="CNY")
    over_months = project(1, 30, fixed_cost=fixed)

    found = costs_of(joined([over_months], TODAY), TODAY)

    # From 2 March 08:00 to 10 April 17:00 there are 39 days and 9 hours, 29 days and 16 hours of which in March.
    assert found == {(date(2026, 3, 1), "CNY"): Decimal("2260.32"), (date(2026, 4, 1), "CNY"): Decimal("739.68")}
    assert costs_of(joined([over_months], TODAY), date(2026, 4, 10)) == {(date(2026, 4, 1), "CNY"): Decimal("739.68")}


def test_months_of_costs_are_those_of_the_company() -> None:
    fixed = Money(amount=Decimal(3000), currency="CNY")
    by_utc = project(1, 30, fixed_cost=fixed)
    in_shanghai = replace(by_utc, around=replace(by_utc.around, zone="Asia/Shanghai"))

    # Both work from eight to five by their own clocks, and so as long in each month.
    assert costs_of(joined([in_shanghai], TODAY), TODAY) == costs_of(joined([by_utc], TODAY), TODAY)


@given(days=st.lists(st.integers(1, 9), min_size=1, max_size=6), halves=st.booleans())
def test_nobody_does_two_things_at_once_and_nobody_of_higher_rank_waits(days: list[int], halves: bool) -> None:
    units = 50 if halves else 100
    members = [project(number, length, units=units) for number, length in enumerate(days, 1)]

    dates = joined(members, TODAY).levelling.schedule.dates
    spans = [(dates[str(one.id)].start, dates[str(one.id)].finish) for one in members]

    for moment in {start for start, _ in spans}:
        assert sum(units for start, finish in spans if start <= moment < finish) <= 100
    alone = joined(members[:1], TODAY).levelling.schedule.dates[str(members[0].id)]
    assert spans[0] == (alone.start, alone.finish)
