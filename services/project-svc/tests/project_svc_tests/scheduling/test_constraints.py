from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from project_svc.scheduling.calendars.zones import datetime_of, moment_of
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.plan import (
    Conflict,
    ConflictError,
    Constraint,
    ConstraintKind,
    CycleError,
    Link,
    LinkKind,
    Plan,
    PlanError,
    Progress,
    Task,
)
from project_svc.scheduling.network.schedule import Schedule

K = ConstraintKind
DAY = 480


def at(text: str) -> int:
    return moment_of(datetime.fromisoformat(f"2026-01-{text}").replace(tzinfo=UTC))


MONDAY = at("05T08:00")


def plan(*tasks: Task, links: str = "") -> Plan:
    """Tasks, and links from finish to start: "a-b b-c"."""
    pairs = [pair.split("-") for pair in links.split()]
    return Plan(start=MONDAY, tasks=tasks, links=[Link(before=a, after=b) for a, b in pairs])


def dates(schedule: Schedule, task: str) -> tuple[str, str, int]:
    one = schedule.dates[task]
    start, finish = (datetime_of(moment).strftime("%dT%H:%M") for moment in (one.start, one.finish))
    return start, finish, one.total_float


def bound(kind: ConstraintKind, moment: str | None = None, days: int = 1, id: str = "b") -> Task:
    return Task(id=id, duration=days * DAY, constraint=Constraint(kind, at(moment) if moment else None))


A, LONG = Task(id="a", duration=DAY), Task(id="long", duration=5 * DAY)


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (bound(K.AS_SOON_AS_POSSIBLE), ("06T08:00", "06T17:00", 3 * DAY)),
        (bound(K.AS_LATE_AS_POSSIBLE), ("09T08:00", "09T17:00", 3 * DAY)),
        (bound(K.START_NO_EARLIER_THAN, "07T10:00"), ("07T10:00", "08T10:00", DAY + 6 * 60)),
        (bound(K.START_NO_EARLIER_THAN, "05T08:00"), ("06T08:00", "06T17:00", 3 * DAY)),
        (bound(K.FINISH_NO_EARLIER_THAN, "08T12:00"), ("07T13:00", "08T12:00", DAY + 240)),
        (bound(K.START_NO_LATER_THAN, "07T08:00"), ("06T08:00", "06T17:00", DAY)),
        (bound(K.FINISH_NO_LATER_THAN, "07T17:00"), ("06T08:00", "06T17:00", DAY)),
        (bound(K.MUST_START_ON, "08T08:00"), ("08T08:00", "08T17:00", 0)),
        (bound(K.MUST_FINISH_ON, "08T17:00"), ("08T08:00", "08T17:00", 0)),
    ],
    ids=lambda value: value.constraint.kind if isinstance(value, Task) else "",
)
def test_constraints(task: Task, expected: tuple[str, str, int]) -> None:
    assert dates(scheduled(plan(A, task, LONG, links="a-b")), "b") == expected


def test_dates_in_non_working_time_are_kept_to_the_letter() -> None:
    schedule = scheduled(plan(bound(K.START_NO_EARLIER_THAN, "10T12:00"), bound(K.MUST_FINISH_ON, "10T12:00", id="c")))
    assert dates(schedule, "b")[:2] == ("12T08:00", "12T17:00")
    assert dates(schedule, "c")[:2] == ("09T08:00", "09T17:00")
    with pytest.raises(ConflictError):
        scheduled(plan(LONG, bound(K.START_NO_LATER_THAN, "10T12:00"), links="long-b"))


def test_a_deadline_takes_float_and_refuses_nothing() -> None:
    late = replace(LONG, id="late", deadline=at("08T17:00"))
    schedule = scheduled(plan(A, late, links="a-late"))
    assert dates(schedule, "late") == ("06T08:00", "12T17:00", -2 * DAY)
    assert schedule.dates["a"].total_float == -2 * DAY
    assert schedule.critical == ("a", "late")


def test_as_late_as_possible_delays_nobody() -> None:
    chain = plan(
        bound(K.AS_LATE_AS_POSSIBLE, id="a"),
        bound(K.AS_LATE_AS_POSSIBLE),
        Task(id="c", duration=DAY),
        LONG,
        links="a-b b-c",
    )
    schedule = scheduled(chain)
    assert [dates(schedule, name)[0] for name in "abc"] == ["05T08:00", "06T08:00", "07T08:00"]
    free = replace(chain, links=chain.links[:1])
    assert [dates(scheduled(free), name)[0] for name in "abc"] == ["08T08:00", "09T08:00", "05T08:00"]


@pytest.mark.parametrize(
    ("task", "earliest"),
    [
        (bound(K.START_NO_LATER_THAN, "12T07:59"), "12T08:00"),
        (bound(K.MUST_START_ON, "09T08:00"), "12T08:00"),
        (bound(K.FINISH_NO_LATER_THAN, "12T16:59"), "12T17:00"),
        (bound(K.MUST_FINISH_ON, "09T17:00"), "12T17:00"),
    ],
)
def test_what_cannot_hold_is_refused_with_the_path(task: Task, earliest: str) -> None:
    with pytest.raises(ConflictError) as caught:
        scheduled(plan(A, LONG, Task(id="m"), task, links="a-m long-m m-b"))
    assert caught.value.conflicts == (Conflict("b", task.constraint, at(earliest), ("long", "m", "b")),)
    tolerated = scheduled(plan(A, LONG, Task(id="m"), task, links="a-m long-m m-b"), tolerant=True)
    assert tolerated.conflicts == caught.value.conflicts
    assert tolerated.dates["b"].total_float < 0


def test_cycles_are_named() -> None:
    tasks = [Task(id=name, duration=DAY) for name in ("甲", "乙", "丙", "丁")]
    with pytest.raises(CycleError) as caught:
        scheduled(plan(*tasks, links="甲-乙 乙-丙 丙-丁 丁-乙"))
    path = caught.value.path
    assert path[path.index("乙") :] + path[: path.index("乙")] == ("乙", "丙", "丁")
    with pytest.raises(CycleError) as caught:
        scheduled(plan(A, links="a-a"))
    assert caught.value.path == ("a",)
    with pytest.raises(CycleError) as caught:
        scheduled(plan(Task(id="x", parent="y"), Task(id="y", parent="x")))
    assert set(caught.value.path) == {"x", "y"}


SUMMARY = (Task(id="S"), Task(id="S1", parent="S"), Task(id="b", duration=DAY, parent="S1"))


def test_a_summary_holds_and_is_held_with_all_that_is_in_it() -> None:
    inner = [*SUMMARY, Task(id="c", duration=3 * DAY, parent="S")]
    schedule = scheduled(plan(A, *inner, Task(id="end", duration=DAY), links="a-S S-end"))
    assert [dates(schedule, name)[:2] for name in ("S", "S1", "b", "c", "end")] == [
        ("06T08:00", "08T17:00"),
        ("06T08:00", "06T17:00"),
        ("06T08:00", "06T17:00"),
        ("06T08:00", "08T17:00"),
        ("09T08:00", "09T17:00"),
    ]
    assert schedule.critical_path == ("a", "c", "end")
    assert (schedule.dates["S1"].total_float, schedule.dates["S"].total_float) == (2 * DAY, 0)
    with pytest.raises(CycleError) as caught:
        scheduled(plan(*inner, links="b-S"))
    assert set(caught.value.path) == {"S", "S1", "b"}


def test_constraints_and_deadlines_of_a_summary() -> None:
    bounded = replace(SUMMARY[0], constraint=Constraint(K.START_NO_EARLIER_THAN, at("07T08:00")))
    assert dates(scheduled(plan(bounded, *SUMMARY[1:])), "b")[0] == "07T08:00"
    limited = replace(SUMMARY[0], constraint=Constraint(K.FINISH_NO_LATER_THAN, at("05T17:00")))
    assert dates(scheduled(plan(limited, *SUMMARY[1:])), "b")[1] == "05T17:00"
    with pytest.raises(ConflictError) as caught:
        scheduled(plan(A, limited, *SUMMARY[1:], links="a-b"))
    assert caught.value.conflicts[0].path == ("a", "b", "S1", "S")
    due = replace(SUMMARY[0], deadline=at("05T12:00"))
    assert scheduled(plan(due, *SUMMARY[1:])).dates["b"].total_float == -240


def link(kind: LinkKind, before: str, after: str) -> Plan:
    return replace(plan(A, *SUMMARY), links=[Link(before=before, after=after, kind=kind)])


@pytest.mark.parametrize(
    ("wrong", "task"),
    [
        (plan(A, A), "a"),
        (plan(replace(A, duration=-1)), "a"),
        (plan(replace(A, calendar="nobody's")), "a"),
        (plan(replace(A, parent="nowhere")), "a"),
        (plan(A, links="a-nowhere"), "a"),
        (plan(replace(A, constraint=Constraint(K.MUST_START_ON))), "a"),
        (plan(replace(A, constraint=Constraint(K.AS_SOON_AS_POSSIBLE, 1))), "a"),
        (plan(replace(SUMMARY[0], constraint=Constraint(K.MUST_START_ON, 1)), *SUMMARY[1:]), "S"),
        (link(LinkKind.START_TO_START, "S", "a"), "S"),
        (link(LinkKind.FINISH_TO_FINISH, "a", "S"), "S"),
    ],
)
def test_plans_that_mean_nothing(wrong: Plan, task: str) -> None:
    with pytest.raises(PlanError) as caught:
        scheduled(wrong)
    assert caught.value.task == task


def in_progress(tasks: Sequence[Task], links: str) -> Schedule:
    return scheduled(replace(plan(*tasks, links=links), status=at("07T08:00")), tolerant=True)


def test_what_is_done_stays_and_what_is_left_lies_behind_the_status_date() -> None:
    done = replace(A, progress=Progress(at("05T10:00"), at("06T15:00")))
    begun = Task(id="b", duration=4 * DAY, progress=Progress(at("06T09:00"), remaining=2 * DAY))
    rest = Task(id="c", duration=DAY)
    schedule = in_progress([done, begun, rest, Task(id="d", duration=DAY)], "a-b b-c")
    assert dates(schedule, "a") == ("05T10:00", "06T15:00", 0)
    assert not schedule.dates["a"].critical
    assert dates(schedule, "b") == ("06T09:00", "08T17:00", 0)
    assert dates(schedule, "c") == ("09T08:00", "09T17:00", 0)
    assert dates(schedule, "d") == ("07T08:00", "07T17:00", 2 * DAY)
    assert schedule.critical_path == ("b", "c")


def test_without_a_status_date_what_is_left_lies_behind_what_is_done() -> None:
    begun = Task(id="b", duration=4 * DAY, progress=Progress(at("05T08:00"), remaining=3 * DAY, done=DAY))
    assert dates(scheduled(plan(begun)), "b") == ("05T08:00", "08T17:00", 0)
    longer = replace(begun, progress=Progress(at("05T08:00"), remaining=5 * DAY, done=0))
    assert dates(scheduled(plan(longer)), "b")[:2] == ("05T08:00", "09T17:00")


def test_out_of_sequence_work_waits_for_its_predecessor_with_what_is_left() -> None:
    begun = Task(id="b", duration=4 * DAY, progress=Progress(at("05T09:00"), remaining=DAY))
    schedule = in_progress([Task(id="x", duration=2 * DAY), begun], "x-b")
    assert dates(schedule, "b") == ("05T09:00", "09T17:00", 0)


def test_constraints_that_progress_has_broken_are_reported() -> None:
    late = bound(K.START_NO_LATER_THAN, "05T08:00")
    schedule = in_progress([late], "")
    assert schedule.conflicts == (Conflict("b", late.constraint, at("07T08:00"), ("b",)),)
    assert schedule.dates["b"].total_float == -2 * DAY
