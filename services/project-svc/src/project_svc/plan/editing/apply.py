"""Applying an edit: the tasks of a plan before, and after."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from crm_contracts.plan.v1 import TaskKind, TaskLink
from crm_platform.errors import FieldProblem
from crm_platform.ids import new_id
from crm_platform.words import Words
from project_svc.plan.domain import MOST_TASKS, Task
from project_svc.plan.editing import words
from project_svc.plan.editing.edits import UNSAID, Edits, LinkEdit, Place, TaskEdit
from project_svc.plan.editing.rules import broken
from project_svc.plan.errors import PlanRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What new tasks of a project have in common."""

    project_id: UUID
    owner_id: UUID | None
    team_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A plan after an edit.

    Attributes:
        tasks: All of them, by id.
        keys: The ids of new tasks by their keys.
        pointers: Where those that the edit names stand in the request.
    """

    tasks: Mapping[UUID, Task]
    keys: Mapping[str, UUID]
    pointers: Mapping[UUID, str]


def applied(
    before: Iterable[Task], edits: Edits, home: Home, *, workers: Collection[UUID], currency: str, language: str
) -> Edited:
    """The plan after an edit, but for what only its network tells: cycles, and constraints that cannot hold.

    Args:
        before: All tasks as they are.
        edits: What is to become of them.
        home: What new ones have in common.
        workers: The assigned resources that work for a time; of effort, durations follow from these.
        currency: The plan's.
        language: Of the refusal.

    Raises:
        PlanRefused: It contradicts the plan or itself; the error names every place.
    """
    editing = _Editing(tasks={task.id: task for task in before}, home=home)
    editing.run(edits)
    if not editing.problems:
        tasks = {id: task.timed(workers) for id, task in editing.tasks.items()}
        editing.problems += broken(tasks, editing.pointers, currency)
        editing.tasks = tasks
    if editing.problems:
        errors = [FieldProblem(place, code, text.into(language)) for place, code, text in editing.problems]
        raise PlanRefused(count=len(errors), errors=errors[:_MOST_TOLD])
    return Edited(tasks=editing.tasks, keys=editing.keys, pointers=editing.pointers)


_MOST_TOLD = 100


@dataclass(slots=True)
class _Editing:
    tasks: dict[UUID, Task]
    home: Home
    keys: dict[str, UUID] = field(default_factory=dict)
    pointers: dict[UUID, str] = field(default_factory=dict)
    problems: list[tuple[str, str, Words]] = field(default_factory=list)
    children: dict[UUID | None, dict[UUID, None]] = field(default_factory=dict)
    """Of each parent, in order; None is the top."""

    def run(self, edits: Edits) -> None:
        for task in sorted(self.tasks.values(), key=lambda task: (task.position, task.id)):
            self.children.setdefault(task.parent_id, {})[task.id] = None
        self._remove(edits.remove)
        named = [self._named(edit) for edit in edits.put]
        if len(self.tasks) > MOST_TASKS:
            self._refuse("/tasks", "too_many_tasks", words.TOO_MANY)
            return
        for id, edit in zip(named, edits.put, strict=True):
            if id is not None:
                self._change(id, edit)
        self._place(edits.places)
        self._settle()

    def _remove(self, wanted: Sequence[tuple[UUID, str]]) -> None:
        gone: set[UUID] = set()
        for id, pointer in wanted:
            if id not in self.tasks:
                self._refuse(pointer, "unknown_task", words.UNKNOWN_TASK)
                continue
            branch = [id]
            for one in branch:
                branch += self.children.get(one, ())
            if any(self.tasks[one].actual_start is not None for one in branch):
                self._refuse(pointer, "task_has_begun", words.HAS_BEGUN)
            gone.update(branch)
        for id in gone:
            self.children.get(self.tasks[id].parent_id, {}).pop(id, None)
        self.tasks = {id: _without(task, gone) for id, task in self.tasks.items() if id not in gone}

    def _named(self, edit: TaskEdit) -> UUID | None:
        """The id of the task that an edit is about; a new one is there from now on."""
        if edit.id is not None and edit.id not in self.tasks:
            self._refuse(f"{edit.pointer}/id", "unknown_task", words.UNKNOWN_TASK)
            return None
        if edit.key is not None and edit.key in self.keys:
            self._refuse(f"{edit.pointer}/key", "key_used_twice", words.KEY_TWICE)
            return None
        id = edit.id or new_id()
        if id in self.pointers:
            self._refuse(f"{edit.pointer}/id", "task_named_twice", words.TASK_TWICE)
            return None
        if edit.id is None:
            home = self.home
            self.tasks[id] = Task(
                id=id, project_id=home.project_id, owner_id=home.owner_id, team_id=home.team_id, name=""
            )
            self.children.setdefault(None, {})[id] = None
        if edit.key is not None:
            self.keys[edit.key] = id
        self.pointers[id] = edit.pointer
        return id

    def _change(self, id: UUID, edit: TaskEdit) -> None:
        changes = dict(edit.given)
        if edit.links is not None:
            links = [self._link(link) for link in edit.links]
            changes["predecessors"] = tuple(link for link in links if link is not None)
        if edit.base is not None:
            base = self._find(edit.base, f"{edit.pointer}/earning/base_task_id")
            changes["earning"] = changes["earning"].model_copy(update={"base_task_id": base})
        self.tasks[id] = self.tasks[id].with_(**changes)
        if edit.parent is not UNSAID:
            parent = None if edit.parent is None else self._find(str(edit.parent), f"{edit.pointer}/parent")
            self._move(id, parent)

    def _link(self, link: LinkEdit) -> TaskLink | None:
        found = self._find(link.task, f"{link.pointer}/task")
        return None if found is None else TaskLink(task_id=found, kind=link.kind, lag=link.lag, elapsed=link.elapsed)

    def _find(self, reference: str, pointer: str) -> UUID | None:
        if reference in self.keys:
            return self.keys[reference]
        try:
            id = UUID(reference)
        except ValueError:
            id = None
        if id is None or id not in self.tasks:
            self._refuse(pointer, "unknown_task", words.UNKNOWN_TASK)
            return None
        return id

    def _move(self, id: UUID, parent: UUID | None) -> None:
        before = self.tasks[id].parent_id
        self.children[before].pop(id)
        self.children.setdefault(parent, {})[id] = None
        if parent != before:
            self.tasks[id] = self.tasks[id].with_(parent_id=parent)

    def _place(self, places: Sequence[Place]) -> None:
        ordered: dict[UUID | None, dict[UUID, None]] = {}
        placed: set[UUID] = set()
        for place in places:
            id = self._find(place.task, f"{place.pointer}/task")
            parent = None if place.parent is None else self._find(place.parent, f"{place.pointer}/parent")
            if id is None:
                continue
            if id in placed:
                self._refuse(f"{place.pointer}/task", "task_named_twice", words.TASK_TWICE)
                continue
            placed.add(id)
            self._move(id, parent)
            ordered.setdefault(parent, {})[id] = None
        for parent, first in ordered.items():
            self.children[parent] = first | self.children[parent]

    def _settle(self) -> None:
        """Positions, and which tasks are summaries."""
        summaries = {parent for parent, inside in self.children.items() if inside}
        for inside in self.children.values():
            for position, id in enumerate(inside):
                task = self.tasks[id]
                kind = _kind(task.kind, summary=id in summaries)
                if task.position != position or task.kind is not kind:
                    self.tasks[id] = task.with_(position=position, kind=kind)

    def _refuse(self, pointer: str, code: str, text: Words) -> None:
        self.problems.append((pointer, code, text))


def _kind(kind: TaskKind, *, summary: bool) -> TaskKind:
    if summary:
        return TaskKind.SUMMARY
    return TaskKind.TASK if kind is TaskKind.SUMMARY else kind


def _without(task: Task, gone: Collection[UUID]) -> Task:
    """The task without its links to those that are gone."""
    if not any(link.task_id in gone for link in task.predecessors):
        return task
    return task.with_(predecessors=tuple(link for link in task.predecessors if link.task_id not in gone))
