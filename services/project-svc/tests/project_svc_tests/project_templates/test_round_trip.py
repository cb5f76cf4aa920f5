"""A plan becomes that of a template, and a plan again: nothing that a template has is lost."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_contracts.base import Money
from crm_contracts.plan.v1 import (
    ConstraintKind,
    DurationEstimate,
    EarningMilestone,
    EarningTechnique,
    LinkKind,
    ResourceKind,
    TaskAssignment,
    TaskEarning,
    TaskKind,
    TaskLink,
)
from project_svc.plan.domain import DATELESS, Task
from project_svc.plan.editing.apply import Home, applied
from project_svc.plan.editing.given import edits_of
from project_svc.plan.service import in_order
from project_svc.project_templates.content.days import Days, Distance
from project_svc.project_templates.content.parts import TemplatePlan
from project_svc.project_templates.opening.people import People
from project_svc.project_templates.opening.planning import Planning
from project_svc.project_templates.saving.planning import keys_of, tasks_of
from project_svc.resources.domain import Resource
from project_svc.scheduling.calendars.public import Region
from project_svc.scheduling.calendars.rules import OFFICE, DayException, Rules
from project_svc.scheduling.calendars.worktime import OutOfCalendarError

START = date(2026, 3, 7)
"""A Saturday."""
CALENDARS = {
    "office": Rules(),
    "China": Rules(zone="Asia/Shanghai", region=Region("CN", None)),
    "clocks that change": Rules(zone="America/New_York"),
    "midnight that is skipped": Rules(zone="America/Sao_Paulo"),
    "shut": Rules(
        exceptions=(DayException(first=date(2026, 3, 2), last=date(2026, 4, 2)),), week=(OFFICE,) * 6 + ((),)
    ),
    "no work at all": Rules(week=((),) * 7),
}
PROJECT = UUID(int=1)
PEOPLE = [
    Resource(id=UUID(int=100 + number), name=f"P{number}", kind=ResourceKind.PERSON, skills=(f"skill {number}",))
    for number in range(4)
]
MACHINE = Resource(id=UUID(int=200), name="CNC", kind=ResourceKind.EQUIPMENT)
RESOURCES = {one.id: one for one in (*PEOPLE, MACHINE)}

STEPS = (EarningMilestone(name="开挖", weight=1), EarningMilestone(name="验收", weight=3))
EARNINGS = [
    TaskEarning(technique=EarningTechnique.LEVEL_OF_EFFORT),
    TaskEarning(technique=EarningTechnique.WEIGHTED_MILESTONES, milestones=STEPS),
]

moments = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1)).map(  # noqa: DTZ001  (made aware here)
    lambda when: when.replace(second=0, microsecond=0, tzinfo=UTC)
)
minutes = st.integers(0, 10_000)
days = st.dates(date(2020, 1, 1), date(2032, 1, 1))
calendars = st.sampled_from(sorted(CALENDARS))


@st.composite
def tasks(draw: st.DrawFn) -> dict[UUID, Task]:
    """A plan as editing leaves it: a tree of any shape, summaries without work, links from tasks before."""
    number = draw(st.integers(1, 8))
    parents = [draw(st.none() | st.integers(0, place - 1)) if place else None for place in range(number)]
    positions: dict[int | None, int] = {}
    found: dict[UUID, Task] = {}
    for place, parent in enumerate(parents):
        positions[parent] = positions.get(parent, -1) + 1
        task = Task(
            id=UUID(int=10 + place),
            project_id=PROJECT,
            owner_id=None,
            team_id=None,
            parent_id=None if parent is None else UUID(int=10 + parent),
            position=positions[parent],
            **(draw(_summary()) if place in parents else draw(_work(place))),
        )
        found[task.id] = task.timed(RESOURCES)
    return found


def _common() -> dict[str, st.SearchStrategy[Any]]:
    return {
        "name": st.sampled_from(["设计", "Build", "联调"]),
        "description": st.none() | st.just("说明"),
        "wbs_code": st.none() | st.just("A.1"),
        "priority": st.integers(0, 1000),
        "deadline": st.none() | moments,
        "fixed_cost": st.none() | st.just(Money(amount="12.5", currency="CNY")),
    }


def _summary() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({**_common(), "kind": st.just(TaskKind.SUMMARY), "duration": minutes})


@st.composite
def _work(draw: st.DrawFn, place: int) -> dict[str, Any]:
    kind = draw(st.sampled_from([TaskKind.TASK, TaskKind.MILESTONE]))
    constraint = draw(st.sampled_from(list(ConstraintKind)))
    assigned = draw(st.lists(st.sampled_from(sorted(RESOURCES)), unique=True, max_size=3))
    return {
        **draw(st.fixed_dictionaries(_common())),
        "kind": kind,
        "duration": 0 if kind is TaskKind.MILESTONE else draw(minutes),
        "effort": (effort := draw(st.none() | minutes)),
        "effort_driven": kind is TaskKind.TASK and effort is not None and draw(st.booleans()),
        "estimate": draw(st.none() | st.just(DurationEstimate(optimistic=1, most_likely=2, pessimistic=9))),
        "constraint_kind": constraint,
        "constraint_at": None if constraint in DATELESS else draw(moments),
        "calendar_id": draw(st.none() | st.just(UUID(int=300))),
        "earning": draw(st.none() | st.sampled_from(EARNINGS)),
        "assignments": tuple(
            TaskAssignment(resource_id=id, units=draw(st.integers(1, 300)), effort=draw(st.none() | minutes))
            for id in assigned
        ),
        "predecessors": tuple(
            TaskLink(
                task_id=UUID(int=10 + before),
                kind=draw(st.sampled_from(list(LinkKind))),
                lag=draw(st.integers(-5000, 5000)),
                elapsed=draw(st.booleans()),
            )
            for before in draw(st.lists(st.integers(0, place - 1), unique=True, max_size=2) if place else st.just([]))
        ),
    }


def opened(plan: TemplatePlan, starts_on: date, rules: Rules) -> list[Task]:
    """The plan of a project that begins then, without asking whether its network can be."""
    planning = Planning(days=Days(starts_on, rules), people=People(PEOPLE), usable={MACHINE.id}, language="en")
    edits = edits_of(planning.edit(plan))
    home = Home(project_id=PROJECT, owner_id=None, team_id=None)
    edited = applied([], edits, home, workers=RESOURCES, currency="CNY", language="en")
    assert planning.unassigned == []
    return [placed.task for placed in in_order(edited.tasks.values())]


def plain(ordered: list[Task]) -> list[dict[str, Any]]:
    """Tasks in their order, named by their places in it in the place of ids."""
    places = {task.id: place for place, task in enumerate(ordered)}
    return [
        {
            **task.model_dump(exclude={"id", "parent_id", "predecessors"}),
            "parent": places.get(task.parent_id) if task.parent_id else None,
            "predecessors": [(places[one.task_id], one.kind, one.lag, one.elapsed) for one in task.predecessors],
        }
        for task in ordered
    ]


def linkable(plan: dict[UUID, Task]) -> dict[UUID, Task]:
    """The plan without links that the rules of plans do not allow: from starts of summaries, or inside of one."""
    summaries = {id for id, task in plan.items() if task.kind is TaskKind.SUMMARY}
    return {
        id: task.with_(predecessors=tuple(one for one in task.predecessors if one.task_id not in summaries))
        for id, task in plan.items()
    }


@settings(max_examples=25)
@given(tasks(), calendars)
def test_the_same_start_gives_the_same_plan(plan: dict[UUID, Task], calendar: str) -> None:
    plan, rules = linkable(plan), CALENDARS[calendar]
    ordered = [placed.task for placed in in_order(plan.values())]

    content = TemplatePlan(currency="CNY", tasks=tasks_of(plan, keys_of(plan.values()), RESOURCES, Days(START, rules)))
    kept = TemplatePlan.model_validate_json(content.model_dump_json())

    assert plain(opened(kept, START, rules)) == plain(ordered)
    assert kept == content


@settings(max_examples=40)
@given(days, days, calendars)
def test_a_day_is_found_again_by_its_distance(start: date, day: date, calendar: str) -> None:
    counted = Days(start, CALENDARS[calendar])

    distance = counted.distance(day)

    assert Days(start, CALENDARS[calendar]).day(distance) == day
    assert distance.working == bool(CALENDARS[calendar].spans(day))
    assert counted.day(counted.plain_distance(day)) == day


@settings(max_examples=40)
@given(days, moments, calendars)
def test_a_moment_is_found_again_by_its_distance(start: date, when: datetime, calendar: str) -> None:
    rules = CALENDARS[calendar]

    distance, past = Days(start, rules).distance_of(when)

    assert Days(start, rules).moment(distance, past) == when
    assert 0 <= past <= 2 * 24 * 60


@settings(max_examples=40)
@given(st.integers(-300, 300), calendars.filter(lambda name: name != "no work at all"))
def test_working_days_are_counted_one_by_one(number: int, calendar: str) -> None:
    rules = CALENDARS[calendar]
    counted = Days(START, rules)

    day, after = counted.day(Distance(number, True)), counted.day(Distance(number + 1, True))

    assert (day < START) == (number < 0)
    assert rules.spans(day)
    assert rules.spans(after)
    between = [day + timedelta(one) for one in range(1, (after - day).days)]
    assert not any(rules.spans(one) for one in between)


@pytest.mark.parametrize("number", [100_000, -100_000])
@pytest.mark.parametrize("calendar", ["office", "no work at all"])
def test_no_calendar_reaches_everywhere(number: int, calendar: str) -> None:
    with pytest.raises(OutOfCalendarError):
        Days(START, CALENDARS[calendar]).day(Distance(number, True))


def test_work_is_shared_among_those_who_can_do_it() -> None:
    skilled = [
        Resource(id=UUID(int=number), name=f"P{number}", kind=ResourceKind.PERSON, skills=("java",))
        for number in (2, 1)
    ]
    gone = Resource(id=UUID(int=3), name="P3", kind=ResourceKind.PERSON, skills=("java",), active=False)
    robot = Resource(id=UUID(int=4), name="R", kind=ResourceKind.EQUIPMENT, skills=("java",))
    people = People([*skilled, gone, robot])

    assert people.pick(["java"], taken=(), work=100) == UUID(int=1)
    assert people.pick(["java"], taken=(), work=10) == UUID(int=2)
    assert people.pick(["java"], taken=(), work=10) == UUID(int=2)
    assert people.pick(["java"], taken={UUID(int=2)}, work=10) == UUID(int=1)
    assert people.pick(["java"], taken={UUID(int=1), UUID(int=2)}, work=10) is None
    assert people.pick(["java", "welding"], taken=(), work=10) is None
    assert people.pick([], taken=(), work=10) is None
