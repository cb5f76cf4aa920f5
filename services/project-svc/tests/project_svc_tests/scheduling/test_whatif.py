from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from project_svc.scheduling.baselines import Comparison, Cost, Planned, Variance, baseline_of, compared
from project_svc.scheduling.calendars.rules import DayException, Rules
from project_svc.scheduling.calendars.zones import moment_of
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.plan import CycleError, Link, Plan, PlanError, Task
from project_svc.scheduling.whatif import (
    Edit,
    MoveStart,
    PutCalendar,
    PutLink,
    PutTask,
    RemoveLink,
    RemoveTask,
    what_if,
)

DAY = 480


def at(text: str) -> int:
    return moment_of(datetime.fromisoformat(f"2026-01-{text}").replace(tzinfo=UTC))


A, B, C = (Task(id=name, duration=days * DAY) for name, days in (("a", 2), ("b", 3), ("c", 1)))
PLAN = Plan(
    start=at("05T08:00"),
    tasks=[A, B, replace(C, parent="S"), Task(id="S")],
    links=[Link(before="a", after="c"), Link(before="b", after="c")],
)
COSTS = {"a": Cost(Decimal(100), Decimal(50)), "c": Cost(per_hour=Decimal("12.5"))}
NONE = Decimal(0)


def test_a_baseline() -> None:
    baseline = baseline_of(PLAN, scheduled(PLAN), COSTS)
    assert baseline.tasks == {
        "a": Planned(at("05T08:00"), at("06T17:00"), 2 * DAY, Decimal(900)),
        "b": Planned(at("05T08:00"), at("07T17:00"), 3 * DAY, NONE),
        "c": Planned(at("08T08:00"), at("08T17:00"), DAY, Decimal(100)),
    }
    assert (baseline.finish, baseline.cost, baseline.critical_path) == (at("08T17:00"), Decimal(1000), ("b", "c"))
    assert compared(baseline, baseline, Rules()) == Comparison(
        changed=(), added=(), removed=(), finish=0, cost=NONE, critical_path=(("b", "c"), ("b", "c"))
    )


def test_a_longer_task() -> None:
    outcome = what_if(PLAN, [PutTask(replace(A, duration=4 * DAY))], COSTS)
    assert outcome.comparison == Comparison(
        changed=(Variance("a", 0, 2 * DAY, 2 * DAY, Decimal(800)), Variance("c", DAY, DAY, 0, NONE)),
        added=(),
        removed=(),
        finish=DAY,
        cost=Decimal(800),
        critical_path=(("b", "c"), ("a", "c")),
    )
    assert outcome.baseline.cost == Decimal(1800)
    assert scheduled(PLAN).finish == at("08T17:00")


def test_many_edits_one_after_the_other() -> None:
    edits: list[Edit] = [
        RemoveTask("b"),
        PutTask(Task(id="新任务", duration=DAY, parent="S"), Cost(Decimal(7))),
        PutLink(Link(before="a", after="新任务", lag=60)),
        RemoveLink("a", "c"),
        MoveStart(at("06T08:00")),
        PutCalendar("standard", Rules(exceptions=(DayException(first=date(2026, 1, 7), last=date(2026, 1, 7)),))),
    ]
    outcome = what_if(PLAN, edits, COSTS)
    assert (outcome.comparison.added, outcome.comparison.removed) == (("新任务",), ("b",))
    assert outcome.schedule.dates["新任务"].start == at("09T09:00")
    assert outcome.schedule.dates["c"].start == at("06T08:00")
    assert outcome.comparison.cost == Decimal(7)
    assert [task.id for task in outcome.plan.tasks] == ["a", "c", "S", "新任务"]
    without = what_if(PLAN, [RemoveTask("S")])
    assert [task.id for task in without.plan.tasks] == ["a", "b"]
    assert without.plan.links == ()


def test_edits_that_cannot_be() -> None:
    with pytest.raises(CycleError) as caught:
        what_if(PLAN, [PutLink(Link(before="c", after="a"))])
    assert set(caught.value.path) == {"a", "c"}
    wrong: list[Edit] = [RemoveTask("x"), RemoveLink("c", "a"), PutLink(Link(before="x", after="a"))]
    for edit in wrong:
        with pytest.raises(PlanError):
            what_if(PLAN, [edit])


def test_a_link_is_replaced_not_doubled() -> None:
    outcome = what_if(PLAN, [PutLink(Link(before="b", after="c", lag=DAY))])
    assert [(one.before, one.lag) for one in outcome.plan.links] == [("a", 0), ("b", DAY)]
    assert outcome.comparison.finish == DAY
