"""Whatever is edited: a plan stays a tree in order without circles, and what is refused changes nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_contracts.plan.v1 import TaskKind
from crm_platform.ids import new_id
from project_svc.plan.domain import Plan, Task
from project_svc.plan.editing.apply import Edited, Home, applied
from project_svc.plan.editing.given import edits_of
from project_svc.plan.errors import ConstraintImpossible, PlanRefused, TaskCycle
from project_svc.plan.network.build import Surroundings, network_of
from project_svc.plan.network.refusals import refused_or_scheduled
from project_svc.plan.schemas import PlanEdit
from project_svc.scheduling.network.schedule import Schedule

PROJECT = new_id()
PLAN = Plan(id=PROJECT)
AROUND = Surroundings(starts_on=date(2026, 3, 2))
Tasks = Mapping[UUID, Task]


def edited(tasks: Tasks, edit: Mapping[str, Any]) -> tuple[Edited, Schedule]:
    """As a plan is edited: the edit, and then what only the network tells."""
    home = Home(project_id=PROJECT, owner_id=None, team_id=None)
    edits = edits_of(PlanEdit.model_validate(edit))
    after = applied(tasks.values(), edits, home, workers=(), currency=PLAN.currency, language="en")
    network = network_of(PLAN, after.tasks.values(), AROUND)
    schedule = refused_or_scheduled(
        network, after.tasks, after.pointers, lambda: network_of(PLAN, tasks.values(), AROUND)
    )
    return after, schedule


@st.composite
def edit_of(draw: st.DrawFn, known: list[str]) -> dict[str, Any]:
    """Adds, changes, moves, removes; whether that can be is for the plan to say."""
    keys = [f"k{number}" for number in range(draw(st.integers(0, 3)))]
    names = st.sampled_from([*known, *keys]) if known or keys else st.nothing()
    parents = st.one_of(st.none(), names) if known or keys else st.none()
    kinds = st.sampled_from(["FS", "SS", "FF", "SF"])
    links = (
        st.lists(st.fixed_dictionaries({"task": names, "kind": kinds}), max_size=2) if known or keys else st.just([])
    )
    members: dict[str, st.SearchStrategy[Any]] = {
        "parent": parents,
        "predecessors": links,
        "duration": st.integers(0, 5_000),
    }
    new = [{"key": key, "name": key, **draw(st.fixed_dictionaries({}, optional=members))} for key in keys]
    changed = draw(st.lists(st.sampled_from(known), unique=True, max_size=2)) if known else []
    old = [{"id": id, **draw(st.fixed_dictionaries({}, optional=members))} for id in changed]
    places = draw(st.lists(names, unique=True, max_size=3)) if known or keys else []
    removed = draw(st.lists(st.sampled_from(known), unique=True, max_size=1)) if known else []
    return {
        "remove": removed,
        "tasks": [*new, *old],
        "order": [{"task": one, "parent": draw(parents)} for one in places],
    }


def check(after: Edited, schedule: Schedule) -> None:
    """A tree without circles whose siblings are numbered from 0; links between what is there; a date for each."""
    tasks = after.tasks
    parents = {task.parent_id for task in tasks.values()}
    assert all(parent is None or parent in tasks for parent in parents)
    places: dict[UUID | None, list[int]] = {}
    for id, task in tasks.items():
        assert task.id == id
        above, seen = task.parent_id, {id}
        while above is not None:
            assert above not in seen, "a task is part of itself"
            seen.add(above)
            above = tasks[above].parent_id
        assert (task.kind is TaskKind.SUMMARY) == (id in parents)
        assert all(link.task_id in tasks and link.task_id not in seen for link in task.predecessors)
        places.setdefault(task.parent_id, []).append(task.position)
    assert all(sorted(found) == list(range(len(found))) for found in places.values())
    assert schedule.dates.keys() == {str(id) for id in tasks}
    assert all(dates.start <= dates.finish for dates in schedule.dates.values())


@settings(max_examples=60)
@given(st.data())
def test_any_edits_leave_a_tree_in_order_and_refused_ones_leave_everything(data: st.DataObject) -> None:
    tasks: Tasks = {}
    for _ in range(data.draw(st.integers(1, 5))):
        edit = data.draw(edit_of([str(id) for id in tasks]))
        before = {id: task.model_copy() for id, task in tasks.items()}
        try:
            after, schedule = edited(tasks, edit)
        except (PlanRefused, TaskCycle, ConstraintImpossible):
            assert tasks == before
            continue
        assert tasks == before, "an edit makes another plan, and leaves the old one"
        check(after, schedule)
        assert set(after.keys) == {one["key"] for one in edit["tasks"] if "key" in one}
        gone = set(tasks) - set(after.tasks)
        assert {UUID(id) for id in edit["remove"]} <= gone
        again, _ = edited(after.tasks, {"order": []})
        assert again.tasks == after.tasks, "an edit that says nothing changes nothing"
        tasks = after.tasks
