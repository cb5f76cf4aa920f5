from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_svc.scheduling.calendars.rules import AROUND_THE_CLOCK, Rules
from project_svc.scheduling.calendars.zones import datetime_of, moment_of
from project_svc.scheduling.feasibility import Case, violations
from project_svc.scheduling.levelling import Assignment, Levelling, Supply, Wait, levelled
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.plan import (
    Constraint,
    ConstraintKind,
    Link,
    Plan,
    PlanError,
    Progress,
    Task,
)

DAY = 480
FULL = [Supply(0, 100)]


def at(text: str) -> int:
    return moment_of(datetime.fromisoformat(f"2026-01-{text}").replace(tzinfo=UTC))


MONDAY = at("05T08:00")


def dates(levelling: Levelling, task: str) -> tuple[str, str]:
    one = levelling.schedule.dates[task]
    return datetime_of(one.start).strftime("%dT%H:%M"), datetime_of(one.finish).strftime("%dT%H:%M")


def test_each_delay_is_explained() -> None:
    tasks = [
        Task(id="需求", duration=2 * DAY),
        Task(id="设计", duration=DAY),
        Task(id="评审", duration=DAY),
        Task(id="end"),
    ]
    links = [Link(before="需求", after="end"), Link(before="设计", after="评审"), Link(before="评审", after="end")]
    needs = [Assignment("需求", "张三", 100), Assignment("设计", "张三", 100), Assignment("评审", "李四", 100)]
    found = levelled(Plan(start=MONDAY, tasks=tasks, links=links), {"张三": FULL, "李四": FULL}, needs)
    assert [dates(found, name) for name in ("需求", "设计", "评审", "end")] == [
        ("05T08:00", "06T17:00"),
        ("07T08:00", "07T17:00"),
        ("08T08:00", "08T17:00"),
        ("08T17:00", "08T17:00"),
    ]
    assert found.waits == (Wait("设计", "张三", MONDAY, at("06T17:00"), ("需求",)),)
    assert found.schedule.critical_path == ("需求", "设计", "评审", "end")


def test_parts_of_a_person_add_up() -> None:
    plan = Plan(start=MONDAY, tasks=[Task(id=name, duration=DAY) for name in "abc"])
    needs = [Assignment("a", "张三", 50), Assignment("b", "张三", 50), Assignment("c", "张三", 60)]
    found = levelled(plan, {"张三": FULL}, needs)
    assert [dates(found, name)[0] for name in "abc"] == ["05T08:00", "05T08:00", "06T08:00"]
    assert found.waits == (Wait("c", "张三", MONDAY, at("05T17:00"), ("a", "b")),)
    assert levelled(plan, {"张三": FULL}, needs[:2]).waits == ()


def test_nobody_holds_what_is_not_there_yet() -> None:
    plan = Plan(start=MONDAY, tasks=[Task(id="a", duration=DAY)])
    supply = [Supply(0, 100), Supply(at("05T15:00"), 0), Supply(at("08T00:00"), 100)]
    found = levelled(plan, {"机器": supply}, [Assignment("a", "机器", 100)])
    assert dates(found, "a") == ("08T08:00", "08T17:00")
    assert found.waits == (Wait("a", "机器", MONDAY, at("08T00:00"), ()),)


def test_work_in_progress_goes_first_and_constraints_that_break_are_told() -> None:
    begun = Task(id="begun", duration=3 * DAY, progress=Progress(at("05T08:00"), remaining=2 * DAY))
    due = Task(id="due", duration=DAY, constraint=Constraint(ConstraintKind.FINISH_NO_LATER_THAN, at("06T17:00")))
    plan = Plan(start=MONDAY, status=at("06T08:00"), tasks=[due, begun])
    found = levelled(plan, {"张三": FULL}, [Assignment("due", "张三", 100), Assignment("begun", "张三", 100)])
    assert dates(found, "begun") == ("05T08:00", "07T17:00")
    assert dates(found, "due") == ("08T08:00", "08T17:00")
    assert [(one.task, one.moment, one.path) for one in found.schedule.conflicts] == [
        ("due", at("08T17:00"), ("begun", "due"))
    ]


def test_without_overload_nothing_moves() -> None:
    tasks = [Task(id="a", duration=DAY), Task(id="b", duration=DAY)]
    plan = Plan(start=MONDAY, tasks=tasks, links=[Link(before="a", after="b")])
    found = levelled(plan, {"张三": FULL}, [Assignment("a", "张三", 100), Assignment("b", "张三", 100)])
    assert found == Levelling(schedule=scheduled(plan), waits=())


@pytest.mark.parametrize(
    "need",
    [
        Assignment("a", "张三", 101),
        Assignment("a", "nobody", 1),
        Assignment("b", "张三", 1),
        Assignment("S", "张三", 1),
    ],
)
def test_needs_that_are_never_met(need: Assignment) -> None:
    plan = Plan(start=MONDAY, tasks=[Task(id="S"), Task(id="a", duration=DAY, parent="S")])
    with pytest.raises(PlanError) as caught:
        levelled(plan, {"张三": FULL}, [need])
    assert caught.value.task == need.task


@st.composite
def cases(draw: st.DrawFn) -> Case:
    size = draw(st.integers(1, 7))
    small = st.integers(0, 4)
    ends = st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True).map(sorted)
    durations = draw(st.lists(small, min_size=size, max_size=size))
    pairs = draw(st.lists(ends, max_size=6)) if size > 1 else []
    steps = draw(st.lists(st.integers(1, 12), max_size=2, unique=True).map(sorted))
    return Case(
        durations=durations,
        delays=[(before, after, durations[before]) for before, after in pairs],
        demands=[[draw(small), draw(small)] for _ in range(size)],
        capacities=[[*((since, draw(small)) for since in (0, *steps)), (13, 4)] for _ in range(2)],
    )


@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_levelled_plans_are_feasible_and_delayed_only_where_it_is_said(case: Case) -> None:
    plan = Plan(
        start=0,
        tasks=[Task(id=str(task), duration=duration) for task, duration in enumerate(case.durations)],
        links=[Link(before=str(before), after=str(after)) for before, after, _ in case.delays],
        calendars={"standard": Rules(week=(AROUND_THE_CLOCK,) * 7)},
    )
    supplies = {str(resource): [Supply(*step) for step in steps] for resource, steps in enumerate(case.capacities)}
    needs = [
        Assignment(str(task), str(resource), units)
        for task, row in enumerate(case.demands)
        for resource, units in enumerate(row)
        if units and case.durations[task]
    ]
    found = levelled(plan, supplies, needs)
    starts = [found.schedule.dates[str(task)].start for task in range(len(case.durations))]
    assert violations(case, starts) == []
    for task, start in enumerate(starts):
        free = max([0, *(starts[before] + delay for before, after, delay in case.delays if after == task)])
        waits = [wait for wait in found.waits if wait.task == str(task)]
        assert start == (waits[-1].until if waits else free)
        for wait in waits:
            assert free <= wait.since < wait.until
            assert all(found.schedule.dates[one].finish >= wait.until for one in wait.holders)
