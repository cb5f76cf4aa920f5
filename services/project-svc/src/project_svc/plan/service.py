"""Use cases of plans, and what the other slices need of them.

Whoever edits a plan holds the lock of its project's row, and through it that of all tasks: two edits that each are
harmless can make a cycle together.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson

from crm_contracts.plan.v1 import PlanChanged, TaskPlanned, TaskRemoved, TaskUpdated
from crm_platform.db import Connection
from crm_platform.errors import FieldProblem, NotFound, PreconditionRequired, VersionMismatch
from crm_platform.http.fields import changes_of
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.plan import repository
from project_svc.plan.domain import MOST_TASKS, ORDINARY, TASK, Plan, Task
from project_svc.plan.editing import words
from project_svc.plan.editing.apply import Edited, Home, applied
from project_svc.plan.editing.edits import Edits, TaskEdit
from project_svc.plan.editing.given import edit_of, edits_of
from project_svc.plan.errors import UNRECKONABLE, PlanOutOfCalendar, PlanRefused, UnknownTask
from project_svc.plan.models import PLANS, TASKS
from project_svc.plan.network.build import Surroundings, network_of, start_of
from project_svc.plan.network.costs import Priced, priced
from project_svc.plan.network.refusals import conflict_of, refuse_what_costs_too_much, refused_or_scheduled
from project_svc.plan.reading.outline import Placed, in_places
from project_svc.plan.reading.whole import WholePlan, around, unedited, whole_plan
from project_svc.plan.repository import revision_of
from project_svc.plan.schemas import (
    Code,
    EstimateIn,
    Key,
    LinkPut,
    Minutes,
    PlanEdit,
    PlanEdited,
    PlanState,
    Priority,
    TaskCreate,
    TaskUpdate,
    Units,
    WorkKind,
)
from project_svc.projects import service as projects
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.scheduling.network.schedule import Schedule

__all__ = [
    "MOST_TASKS",
    "ORDINARY",
    "UNRECKONABLE",
    "Code",
    "EstimateIn",
    "Key",
    "LinkPut",
    "Minutes",
    "Placed",
    "Plan",
    "PlanEdit",
    "PlanEdited",
    "PlanOutOfCalendar",
    "PlanRefused",
    "PlanState",
    "Priced",
    "Priority",
    "Schedule",
    "Surroundings",
    "Task",
    "Trial",
    "Units",
    "WholePlan",
    "WorkKind",
    "around",
    "conflict_of",
    "create_task",
    "edit_plan",
    "expect_task",
    "in_order",
    "lay_out",
    "network_of",
    "priced",
    "revision_of",
    "stand_in",
    "start_of",
    "tried",
    "update_task",
    "whole_plan",
]

_KEY = "new"


def in_order(tasks: Iterable[Task]) -> list[Placed[Task]]:
    """The tasks of a plan in their places, each behind its summary."""
    ordered = sorted(tasks, key=lambda task: (task.position, task.id))
    return list(in_places(ordered, id_of=attrgetter("id"), parent_of=attrgetter("parent_id")))


async def edit_plan(unit: UnitOfWork, project_id: UUID, body: PlanEdit, *, if_match: object) -> Rendered:
    """Edit a plan as a whole.

    Raises:
        ProjectEnded: The project is over.
        PlanRefused: The edit contradicts the plan or itself.
        TaskCycle: Tasks would wait for each other.
        ConstraintImpossible: A constraint could not hold.
        PlanOutOfCalendar: There is no working time for it.
    """
    project = await _project(unit, project_id)
    plan, edited = await _edit(unit, project, edits_of(body), _settings(body), if_match=if_match)
    keys = orjson.dumps({key: str(id) for key, id in edited.keys.items()})
    return Rendered(plan.id, b'%b,"keys":%b}' % (plan.body[:-1], keys), plan.version)


async def lay_out(unit: UnitOfWork, project: projects.Project, body: PlanEdit) -> Mapping[str, UUID]:
    """Give a project, opened in this transaction, its plan; the ids of its tasks by their keys.

    Raises what :func:`edit_plan` raises.
    """
    _, edited = await _edit(unit, project, edits_of(body), _settings(body), if_match=ANY_VERSION)
    return edited.keys


async def stand_in(unit: UnitOfWork, tasks: Iterable[Task]) -> None:
    """Let tasks of a plan that is only looked at be found by what refers to them; whoever asks takes them back."""
    alone = [task.with_(parent_id=None) for task in tasks]
    if alone:
        await unit.insert_many(TASKS, alone, TaskPlanned)


async def create_task(unit: UnitOfWork, body: TaskCreate) -> Rendered:
    """Add a task to a plan; raises what :func:`edit_plan` raises, and UnknownProject."""
    project = await projects.expect_open(unit, body.project_id)
    edits = edit_of(body, TaskEdit(pointer="", key=_KEY))
    _, edited = await _edit(unit, project, edits, {}, if_match=ANY_VERSION)
    return await unit.render(TASKS.resource, edited.keys[_KEY])


async def update_task(unit: UnitOfWork, id: UUID, body: TaskUpdate, *, if_match: object) -> Rendered:
    """Change a task; raises what :func:`edit_plan` raises."""
    await unit.render(TASKS.resource, id)
    project_id = await repository.find_project_of(unit.connection, id)
    if project_id is None:
        raise NotFound(what=TASK, id=id)
    project = await _project(unit, project_id)
    await unit.load(TASKS, id, if_match=if_match)
    await _edit(unit, project, edit_of(body, TaskEdit(pointer="", id=id)), {}, if_match=ANY_VERSION)
    return await unit.render(TASKS.resource, id)


_SETTINGS = frozenset({"calendar_id", "currency", "status_at"})


def _settings(body: PlanEdit) -> dict[str, Any]:
    """What an edit says of the plan as such."""
    return {name: value for name, value in changes_of(body).items() if name in _SETTINGS}


async def tried(connection: Connection, project: projects.Project, body: PlanEdit, *, language: str) -> "Trial":
    """What an edit of a plan would take to compute; nothing of it is kept.

    Raises:
        PlanRefused: It refers to what is not there.
    """
    whole = await whole_plan(connection, project)
    edits = edits_of(body)
    plan = whole.plan.with_(**_settings(body))
    surroundings = await around(connection, project.starts_on, plan, whole.tasks.values(), edits.put)
    _expect_known(plan, edits, surroundings, language)
    return Trial(whole, plan, edits, surroundings, language)


async def _project(unit: UnitOfWork, id: UUID) -> projects.Project:
    project = await projects.load(unit, id, if_match=ANY_VERSION)
    project.expect_open()
    return project


async def _edit(
    unit: UnitOfWork, project: projects.Project, edits: Edits, settings: Mapping[str, Any], *, if_match: object
) -> tuple[Rendered, Edited]:
    """Apply an edit to the plan of a project, which the caller has locked."""
    whole = await whole_plan(unit.connection, project)
    _expect_revision(whole.plan.version, if_match)
    plan = whole.plan.with_(**settings)
    surroundings = await around(unit.connection, project.starts_on, plan, whole.tasks.values(), edits.put)
    _expect_known(plan, edits, surroundings, unit.caller.language)
    trial = Trial(whole, plan, edits, surroundings, unit.caller.language)
    edited, schedule = await asyncio.to_thread(trial.done)
    changed = await _write_tasks(unit, project.id, whole.tasks, edited)
    return await _write_plan(unit, whole.plan, plan, edited, schedule, changed=changed), edited


def _expect_revision(version: int, if_match: object) -> None:
    if if_match is None:
        raise PreconditionRequired
    if if_match is not ANY_VERSION and if_match != version:
        raise VersionMismatch(current=version, sent=if_match)


def _expect_known(plan: Plan, edits: Edits, known: Surroundings, language: str) -> None:
    """Refuse references to calendars and resources that are not there."""
    found: list[tuple[str, str, Any]] = []
    if plan.calendar_id is not None and plan.calendar_id not in known.calendars:
        found.append(("/calendar_id", "unknown_work_calendar", words.UNKNOWN_CALENDAR))
    for edit in edits.put:
        if edit.given.get("calendar_id") is not None and edit.given["calendar_id"] not in known.calendars:
            found.append((f"{edit.pointer}/calendar_id", "unknown_work_calendar", words.UNKNOWN_CALENDAR))
        if edit.id is None and "name" not in edit.given:
            found.append((f"{edit.pointer}/name", "missing", words.NAME_MISSING))
        for place, one in enumerate(edit.given.get("assignments", ())):
            resource = known.resources.get(one.resource_id)
            at = f"{edit.pointer}/assignments/{place}/resource_id"
            if resource is None:
                found.append((at, "unknown_resource", words.UNKNOWN_RESOURCE))
            elif not resource.active:
                found.append((at, "inactive_resource", words.INACTIVE_RESOURCE))
    if found:
        errors = [FieldProblem(pointer, code, text.into(language)) for pointer, code, text in found]
        raise PlanRefused(count=len(errors), errors=errors)


@dataclass(frozen=True, slots=True)
class Trial:
    """An edit of a plan with all that it takes to compute; done in a thread, as large plans take a while."""

    whole: WholePlan
    plan: Plan
    edits: Edits
    around: Surroundings
    language: str

    def done(self) -> tuple[Edited, Schedule]:
        """The plan after the edit, and its schedule; raises what :func:`edit_plan` raises."""
        before, plan = self.whole, self.plan
        home = Home(project_id=plan.id, owner_id=plan.owner_id, team_id=plan.team_id)
        edited = applied(
            before.tasks.values(),
            self.edits,
            home,
            workers=self.around.workers,
            currency=plan.currency,
            language=self.language,
        )
        network = network_of(plan, edited.tasks.values(), self.around)
        schedule = refused_or_scheduled(
            network,
            edited.tasks,
            edited.pointers,
            lambda: network_of(before.plan, before.tasks.values(), self.around),
        )
        refuse_what_costs_too_much(
            edited.tasks, self.around, schedule, plan.currency, edited.pointers, language=self.language
        )
        return edited, schedule

    def outcome(self) -> tuple[WholePlan, WholePlan]:
        """The plan before and after; raises what :func:`edit_plan` raises."""
        edited, _ = self.done()
        return self.whole, WholePlan(plan=self.plan, tasks=edited.tasks)


async def _write_tasks(unit: UnitOfWork, project_id: UUID, before: Mapping[UUID, Task], edited: Edited) -> bool:
    """Write what an edit has changed; whether that is anything."""
    after = edited.tasks
    removed = [task for id, task in before.items() if id not in after]
    added = [task for id, task in after.items() if id not in before]
    pairs = [(before[id], task) for id, task in after.items() if id in before and task is not before[id]]
    changes = [(old, new) for old, new in pairs if TASKS.spec.difference(old, new)]
    if removed:
        await repository.forget_assignments(unit.connection, [task.id for task in removed])
        await unit.delete_many(TASKS, removed, TaskRemoved)
    if added:
        await unit.insert_many(TASKS, added, TaskPlanned)
    if changes:
        await unit.update_many(TASKS, changes, TaskUpdated)
    needs = [new for old, new in changes if old.assignments != new.assignments]
    needs += [task for task in added if task.assignments]
    if needs:
        await repository.keep_assignments(unit.connection, project_id, needs)
    return bool(removed or added or changes)


async def _write_plan(
    unit: UnitOfWork, before: Plan, plan: Plan, edited: Edited, schedule: Schedule, *, changed: bool
) -> Rendered:
    """The next revision of a plan; the same one if the edit has changed nothing."""
    if before.version and not changed and not PLANS.spec.difference(before, plan):
        return await unit.render(PLANS.resource, before.id)
    some = bool(edited.tasks)
    after = plan.with_(
        revision=before.version + 1,
        task_count=len(edited.tasks),
        starts_at=datetime_of(schedule.start) if some else None,
        finishes_at=datetime_of(schedule.finish) if some else None,
    )
    if not before.version:
        return await unit.insert(PLANS, after, PlanChanged)
    return await unit.update(PLANS, before, after, PlanChanged)


PROGRESS = frozenset({"percent_complete", "actual_start", "actual_finish", "remaining"})
"""Members of a task that say how far it is."""


async def take_over_progress(unit: UnitOfWork, id: UUID, progress: Mapping[str, Any]) -> None:
    """Let a task say what was reported of it; raises what :func:`update_task` raises."""
    await update_task(unit, id, TaskUpdate(**progress), if_match=ANY_VERSION)


async def expect_project_of(unit: UnitOfWork, task_id: UUID) -> UUID:
    """The project of a task; the task is not locked, since whoever does that locks the project before.

    Raises:
        UnknownTask: There is no such task, or not for this caller.
    """
    try:
        await unit.render(TASKS.resource, task_id)
    except NotFound as error:
        raise UnknownTask(task_id=task_id) from error
    found = await repository.find_project_of(unit.connection, task_id)
    if found is None:
        raise UnknownTask(task_id=task_id)
    return found


async def expect_task(connection: Connection, project_id: UUID, task_id: UUID | None) -> None:
    """Refuse what refers to a task of another project.

    Raises:
        UnknownTask: There is no such task in the project.
    """
    if task_id is not None and await repository.find_project_of(connection, task_id) != project_id:
        raise UnknownTask(task_id=task_id)


async def projects_of(connection: Connection, task_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The projects of tasks that time can be spent on, by task; summaries and what does not exist are absent."""
    return await repository.find_projects_of(connection, task_ids) if task_ids else {}


async def currency_of(connection: Connection, project: projects.Project) -> str:
    """The currency of a project's plan."""
    row = await repository.find_plan(connection, project.id)
    return unedited(project).currency if row is None else str(row["currency"])
