from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_svc.scheduling.calendars.rules import AROUND_THE_CLOCK, Rules, Span
from project_svc.scheduling.calendars.worktime import OutOfCalendarError, WorkTime
from project_svc.scheduling.calendars.zones import datetime_of, moment_of
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.plan import Constraint, ConstraintKind, Link, LinkKind, Plan, Task
from project_svc.scheduling.network.schedule import Dates, Schedule

MONDAY = moment_of(datetime(2026, 1, 5, 8, tzinfo=UTC))
DAY = 480
WEEKS = {"standard": Rules(week=(AROUND_THE_CLOCK,) * 7)}

RELIABLE = {
    "A": (2, ""),
    "B": (4, "A"),
    "C": (10, "B"),
    "D": (6, "C"),
    "E": (4, "C"),
    "F": (5, "E"),
    "G": (7, "D"),
    "H": (9, "EG"),
    "I": (7, "C"),
    "J": (8, "FI"),
    "K": (4, "J"),
    "L": (5, "J"),
    "M": (2, "H"),
    "N": (6, "KL"),
}
"""Reliable Construction Co., weeks: Hillier, Lieberman, Introduction to Operations Research, 7th ed., chapter 10."""


def when(moment: int) -> str:
    return datetime_of(moment).strftime("%d %H:%M")


def of(schedule: Schedule, task: str) -> tuple[str, str]:
    dates = schedule.dates[task]
    return when(dates.start), when(dates.finish)


def test_a_textbook_network() -> None:
    tasks = [Task(id=name, duration=weeks) for name, (weeks, _) in RELIABLE.items()]
    links = [Link(before=before, after=name) for name, (_, befores) in RELIABLE.items() for before in befores]
    schedule = scheduled(Plan(start=0, tasks=tasks, links=links, calendars=WEEKS))
    assert schedule.finish == 44
    assert schedule.critical_path == ("A", "B", "C", "E", "F", "J", "L", "N")
    assert schedule.critical_paths() == (schedule.critical_path,)
    slack = {name: dates.total_float for name, dates in schedule.dates.items() if not dates.critical}
    assert slack == {"D": 4, "G": 4, "H": 4, "I": 2, "K": 1, "M": 4}
    assert schedule.dates["G"] == Dates(22, 29, 22, 29, 26, 33, 4, 0, critical=False)
    assert schedule.dates["M"].free_float == 4


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (Link(before="a", after="b"), ("07 08:00", "08 17:00")),
        (Link(before="a", after="b", lag=DAY), ("08 08:00", "09 17:00")),
        (Link(before="a", after="b", lag=-60), ("06 16:00", "08 16:00")),
        (Link(before="a", after="b", kind=LinkKind.START_TO_START, lag=240), ("05 13:00", "07 12:00")),
        (Link(before="a", after="b", kind=LinkKind.FINISH_TO_FINISH), ("05 08:00", "06 17:00")),
        (Link(before="a", after="b", kind=LinkKind.FINISH_TO_FINISH, lag=60), ("05 09:00", "07 09:00")),
        (Link(before="a", after="b", kind=LinkKind.START_TO_FINISH, lag=3 * DAY), ("06 08:00", "07 17:00")),
        (Link(before="a", after="b", lag=24 * 60, elapsed=True), ("08 08:00", "09 17:00")),
        (Link(before="a", after="b", lag=16 * 60, elapsed=True), ("07 09:00", "09 09:00")),
    ],
)
def test_links_of_all_kinds_with_lags(link: Link, expected: tuple[str, str]) -> None:
    tasks = [Task(id="a", duration=2 * DAY), Task(id="b", duration=2 * DAY)]
    assert of(scheduled(Plan(start=MONDAY, tasks=tasks, links=[link])), "b") == expected


def test_calendars_meet_at_moments() -> None:
    calendars = {"standard": Rules(), "weekend": Rules(week=((),) * 5 + ((Span(600, 960),),) * 2)}
    tasks = [
        Task(id="build", duration=5 * DAY),
        Task(id="done"),
        Task(id="move", duration=720, calendar="weekend"),
        Task(id="test", duration=DAY),
    ]
    links = [Link(before=a, after=b) for a, b in (("build", "done"), ("done", "move"), ("move", "test"))]
    schedule = scheduled(Plan(start=MONDAY, tasks=tasks, links=links, calendars=calendars))
    assert of(schedule, "done") == ("09 17:00", "09 17:00")
    assert of(schedule, "move") == ("10 10:00", "11 16:00")
    assert of(schedule, "test") == ("12 08:00", "12 17:00")
    assert schedule.critical_path == ("build", "done", "move", "test")
    assert schedule.dates["done"].total_float == 0


def test_parallel_critical_paths_are_all_named_up_to_a_limit() -> None:
    tasks = [Task(id=name, duration=DAY) for name in "abcdef"] + [Task(id="end")]
    links = [Link(before=a, after=b) for a, b in ("ac", "ad", "bc", "bd", "ce", "de", "cf", "df")]
    links += [Link(before=one, after="end") for one in "ef"]
    schedule = scheduled(Plan(start=MONDAY, tasks=tasks, links=links))
    assert schedule.critical == (*"abcdef", "end")
    assert len(set(schedule.critical_paths())) == 8
    assert schedule.critical_paths(limit=3) == schedule.critical_paths()[:3]
    assert schedule.critical_path in schedule.critical_paths()


def test_calendars_that_nobody_uses_may_say_anything() -> None:
    calendars = {"standard": Rules(), "never": Rules(week=((),) * 7)}
    plan = Plan(start=MONDAY, tasks=[Task(id="a", duration=DAY)], calendars=calendars)
    assert scheduled(plan).finish == MONDAY + 9 * 60
    with pytest.raises(OutOfCalendarError):
        scheduled(replace(plan, tasks=[Task(id="a", duration=DAY, calendar="never")]))


def test_an_empty_plan() -> None:
    schedule = scheduled(Plan(start=MONDAY, tasks=[]))
    assert (schedule.start, schedule.finish, schedule.dates, schedule.critical_path) == (MONDAY, MONDAY, {}, ())


def test_a_deep_chain_and_a_deep_tree() -> None:
    depth = 3_000
    chain = [Task(id=str(number), duration=1) for number in range(depth)]
    links = [Link(before=str(number), after=str(number + 1)) for number in range(depth - 1)]
    assert scheduled(Plan(start=0, tasks=chain, links=links, calendars=WEEKS)).finish == depth
    tree = [Task(id=str(number), duration=1, parent=str(number - 1) if number else None) for number in range(depth)]
    after = Task(id="after", duration=1)
    schedule = scheduled(Plan(start=0, tasks=[*tree, after], links=[Link(before="0", after="after")], calendars=WEEKS))
    assert (schedule.dates["0"].finish, schedule.dates["after"].start) == (1, 1)


CALENDARS = {
    "standard": Rules(),
    "shifts": Rules(zone="Europe/Berlin", week=((Span(22 * 60, 30 * 60),),) * 6 + ((),)),
    "always": Rules(week=(AROUND_THE_CLOCK,) * 7),
}
CLOCKS = {key: WorkTime(rules, datetime_of(MONDAY).date()) for key, rules in CALENDARS.items()}


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(2, 9))
    duration = st.one_of(st.just(0), st.integers(1, 1500))
    tasks = [
        Task(
            id=str(number),
            duration=draw(duration),
            calendar=draw(st.sampled_from(sorted(CALENDARS))),
            constraint=Constraint(ConstraintKind.AS_LATE_AS_POSSIBLE)
            if draw(st.booleans())
            else Task(id="x").constraint,
        )
        for number in range(count)
    ]
    link = st.builds(
        lambda ends, kind, lag, elapsed: Link(
            before=str(ends[0]), after=str(ends[1]), kind=kind, lag=lag, elapsed=elapsed
        ),
        st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True).map(sorted),
        st.sampled_from(list(LinkKind)),
        st.one_of(st.just(0), st.integers(-900, 900)),
        st.booleans(),
    )
    return Plan(start=MONDAY, tasks=tasks, links=draw(st.lists(link, max_size=14)), calendars=CALENDARS)


def keeps(plan: Plan, link: Link, before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether a link holds, by its definition: the held end is not before the holding one and the lag."""
    held = next(task for task in plan.tasks if task.id == link.after)
    moment = before[0] if link.kind in {"SS", "SF"} else before[1]
    clock = CLOCKS[held.calendar]
    if link.elapsed:
        moment += link.lag
    elif link.lag:
        moment = clock.add(moment, link.lag)
    if link.kind in {"FS", "SS"}:
        return after[0] >= moment
    # a finish in the pause before the moment has as much work behind it
    return after[1] >= moment or (held.duration > 0 and clock.work(after[1]) >= clock.work(moment))


@settings(max_examples=30, deadline=None)
@given(plan=plans())
def test_links_hold_early_late_and_as_scheduled_and_nothing_can_be_earlier(plan: Plan) -> None:
    schedule = scheduled(plan)
    early = {name: (one.early_start, one.early_finish) for name, one in schedule.dates.items()}
    late = {name: (one.late_start, one.late_finish) for name, one in schedule.dates.items()}
    actual = {name: (one.start, one.finish) for name, one in schedule.dates.items()}
    for dates in (early, late, actual):
        for link in plan.links:
            assert keeps(plan, link, dates[link.before], dates[link.after]), (link, dates)
    assert max(finish for _, finish in actual.values()) == max(finish for _, finish in early.values())
    for task in plan.tasks:
        one, clock = schedule.dates[task.id], CLOCKS[task.calendar]
        assert one.early_start <= one.start <= one.late_start
        assert 0 <= one.free_float <= one.total_float
        assert clock.between(*early[task.id]) == task.duration
        if task.duration and clock.work(one.early_start) > clock.work(MONDAY):
            work = clock.work(one.early_start) - 1
            sooner = {**early, task.id: (clock.start(work), clock.finish(work + task.duration))}
            assert not all(keeps(plan, link, sooner[link.before], sooner[link.after]) for link in plan.links)
        if task.duration and one.late_finish < schedule.finish:
            work = clock.work(one.late_start) + 1
            later = {**late, task.id: (clock.start(work), clock.finish(work + task.duration))}
            over = later[task.id][1] > schedule.finish
            assert over or not all(keeps(plan, link, later[link.before], later[link.after]) for link in plan.links)


@given(plan=plans())
@settings(max_examples=10, deadline=None)
def test_equal_plans_have_equal_schedules(plan: Plan) -> None:
    assert scheduled(plan) == scheduled(plan)
