"""Each iteration of a simulation is what the scheduling engine says of the plan with that iteration's durations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from project_svc.scheduling.calendars.rules import AROUND_THE_CLOCK, OFFICE, Rules, Span
from project_svc.scheduling.calendars.zones import moment_of
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.plan import Constraint, ConstraintKind, Link, LinkKind, Plan, Progress, Task
from project_svc.simulation.passes import network_of, run

START = moment_of(datetime(2026, 1, 5, 8, tzinfo=UTC))
DAY = 24 * 60
CALENDARS = {
    "standard": Rules(),
    "always": Rules(week=(AROUND_THE_CLOCK,) * 7),
    "weekend": Rules(week=((),) * 5 + ((Span(600, 960),),) * 2),
    "six": Rules(week=(OFFICE,) * 6 + ((),)),
}
FROM_BELOW = (ConstraintKind.START_NO_EARLIER_THAN, ConstraintKind.FINISH_NO_EARLIER_THAN)
ITERATIONS = 4


@st.composite
def cases(draw: st.DrawFn) -> tuple[Plan, Mapping[str, Sequence[int]]]:
    """A plan, and by task its durations in each iteration; milestones and what is over have none."""
    count = draw(st.integers(1, 7))
    names = [str(number) for number in range(count)]
    tasks = [draw(_tasks(name)) for name in names]
    pairs = [(before, after) for after in range(count) for before in range(after)]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=10)) if pairs else []
    links = [
        Link(
            before=names[before],
            after=names[after],
            kind=draw(st.sampled_from(LinkKind)),
            lag=draw(st.sampled_from([0, 0, 90, -90, 700])),
            elapsed=draw(st.booleans()),
        )
        for before, after in chosen
    ]
    plan = Plan(start=START, tasks=tasks, links=links, calendars=CALENDARS, status=START + 3 * DAY)
    going = [task.id for task in tasks if (task.progress or task.duration) and not _over(task)]
    durations = st.lists(st.integers(1, 3000), min_size=ITERATIONS, max_size=ITERATIONS)
    return plan, {name: draw(durations) for name in going if draw(st.booleans())}


@st.composite
def _tasks(draw: st.DrawFn, name: str) -> Task:
    calendar = draw(st.sampled_from(sorted(CALENDARS)))
    task = Task(id=name, duration=draw(st.integers(0, 2000)), calendar=calendar)
    what = draw(st.sampled_from(["", "", "date", "begun", "over"]))
    if what == "date":
        moment = START + draw(st.integers(0, 12 * DAY))
        return replace(task, constraint=Constraint(draw(st.sampled_from(FROM_BELOW)), moment))
    begun = START + draw(st.integers(0, 2 * DAY))
    if what == "begun":
        return replace(task, progress=Progress(begun, None, draw(st.integers(1, 2000))))
    return replace(task, progress=Progress(begun, begun + DAY // 2)) if what == "over" else task


def _over(task: Task) -> bool:
    return task.progress is not None and task.progress.actual_finish is not None


def _with(plan: Plan, durations: Mapping[str, int]) -> Plan:
    tasks = []
    for task in plan.tasks:
        minutes = durations.get(task.id)
        if minutes is None:
            tasks.append(task)
        elif task.progress:
            tasks.append(replace(task, progress=task.progress._replace(remaining=minutes)))
        else:
            tasks.append(replace(task, duration=minutes))
    return replace(plan, tasks=tasks)


@given(case=cases())
@settings(max_examples=150, deadline=None)
def test_iterations_are_schedules(case: tuple[Plan, Mapping[str, Sequence[int]]]) -> None:
    plan, durations = case
    arrays = {task: np.array(minutes, dtype=np.int32) for task, minutes in durations.items()}
    last = len(plan.tasks) - 1

    passed = run(network_of(plan, list(arrays)), arrays, ITERATIONS, [last])

    critical = dict.fromkeys(range(len(plan.tasks)), 0)
    for iteration in range(ITERATIONS):
        drawn = {task: minutes[iteration] for task, minutes in durations.items()}
        schedule = scheduled(_with(plan, drawn), tolerant=True)
        assert passed.finish[iteration] == schedule.finish
        assert passed.ends[0][iteration] == schedule.dates[str(last)].early_finish
        for index, task in enumerate(plan.tasks):
            critical[index] += schedule.dates[task.id].critical
    assert passed.critical.tolist() == list(critical.values())


def test_a_milestone_has_no_float_where_its_calendar_rests() -> None:
    tasks = [Task(id="0", duration=1, calendar="always"), Task(id="1", duration=0, calendar="weekend")]
    plan = Plan(start=START, tasks=tasks, links=[], calendars=CALENDARS, status=START + 3 * DAY)

    assert scheduled(plan, tolerant=True).dates["1"].critical
    assert run(network_of(plan, []), {}, 1, []).critical.tolist() == [1, 1]


def test_links_of_summaries_and_their_dates_hold() -> None:
    tasks = [
        Task(id="design", duration=480),
        Task(id="build", constraint=Constraint(ConstraintKind.START_NO_EARLIER_THAN, START + 2 * DAY)),
        Task(id="left", duration=480, parent="build"),
        Task(id="right", duration=480, parent="build", calendar="always"),
        Task(id="done"),
    ]
    links = [Link(before="design", after="build"), Link(before="build", after="done")]
    plan = Plan(start=START, tasks=tasks, links=links, calendars=CALENDARS)
    durations = {
        "design": np.array([480, 2400], dtype=np.int32),
        "right": np.array([480, 3000], dtype=np.int32),
        "done": np.array([60, 60], dtype=np.int32),
    }

    passed = run(network_of(plan, list(durations)), durations, 2, [])

    for iteration in range(2):
        drawn = {task: int(minutes[iteration]) for task, minutes in durations.items()}
        assert passed.finish[iteration] == scheduled(_with(plan, drawn)).finish
