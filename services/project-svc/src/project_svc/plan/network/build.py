"""The network of a plan, as the engine takes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts.plan.v1 import ResourceKind
from crm_platform.days import DEFAULT_ZONE
from project_svc.plan.domain import Plan, Task
from project_svc.resources.service import Resource
from project_svc.scheduling.calendars.rules import Rules, Shared
from project_svc.scheduling.calendars.worktime import Source
from project_svc.scheduling.calendars.zones import moment_of
from project_svc.scheduling.network import plan as engine


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a plan refers to.

    Attributes:
        starts_on: The first day of the project.
        zone: Where the days of the company begin and end.
        calendars: Rules of working calendars, by id.
        resources: By id.
    """

    starts_on: date
    zone: str = DEFAULT_ZONE
    calendars: Mapping[UUID, Rules] = field(default_factory=dict)
    resources: Mapping[UUID, Resource] = field(default_factory=dict)

    @property
    def workers(self) -> frozenset[UUID]:
        """The resources that work for a time, which material does not."""
        return frozenset(id for id, one in self.resources.items() if one.kind is not ResourceKind.MATERIAL)

    def rules(self, calendar_id: UUID | None) -> Rules:
        """The rules of a calendar; five days of eight hours in the company's time zone where there is none."""
        return Rules(zone=self.zone) if calendar_id is None else self.calendars[calendar_id]


def network_of(plan: Plan, tasks: Iterable[Task], around: Surroundings) -> engine.Plan:
    """The engine's plan; its ids are those of the tasks as text, in their order."""
    calendars = _Calendars(plan, around)
    ordered = list(tasks)
    return engine.Plan(
        start=start_of(plan, around),
        tasks=[_task(task, calendars.key_of(task)) for task in ordered],
        links=[
            engine.Link(
                before=str(link.task_id), after=str(task.id), kind=link.kind, lag=link.lag, elapsed=link.elapsed
            )
            for task in ordered
            for link in task.predecessors
        ],
        calendars=calendars.sources,
        status=None if plan.status_at is None else moment_of(plan.status_at),
    )


def start_of(plan: Plan, around: Surroundings) -> int:
    """The moment before which nothing is planned: the midnight before the project's first day, by its calendar."""
    zone = ZoneInfo(around.rules(plan.calendar_id).zone)
    first = around.starts_on
    return moment_of(datetime(first.year, first.month, first.day, tzinfo=zone))


class _Calendars:
    """The calendars of tasks: their own; else the plan's, less when those who do them do not work."""

    def __init__(self, plan: Plan, around: Surroundings) -> None:
        self._plan, self._around = plan, around
        self._known: dict[tuple[UUID | None, frozenset[UUID]], str] = {}
        self.sources: dict[str, Source] = {engine.STANDARD: around.rules(plan.calendar_id)}

    def key_of(self, task: Task) -> str:
        shared = frozenset[UUID]() if task.calendar_id is not None else self._of_people(task)
        if task.calendar_id is None and not shared:
            return engine.STANDARD
        about = task.calendar_id, shared
        if about not in self._known:
            key = str(task.calendar_id or "+".join(sorted(map(str, shared))))
            self._known[about] = key
            self.sources[key] = self._source(task.calendar_id, shared)
        return self._known[about]

    def _of_people(self, task: Task) -> frozenset[UUID]:
        found = (self._around.resources[one.resource_id].calendar_id for one in task.assignments)
        return frozenset(id for id in found if id is not None and id != self._plan.calendar_id)

    def _source(self, own: UUID | None, shared: frozenset[UUID]) -> Source:
        if own is not None:
            return self._around.rules(own)
        standard = self._around.rules(self._plan.calendar_id)
        return Shared(calendars=(standard, *(self._around.rules(id) for id in sorted(shared))))


def _task(task: Task, calendar: str) -> engine.Task:
    progress = None
    if task.actual_start is not None:
        finish = None if task.actual_finish is None else moment_of(task.actual_finish)
        progress = engine.Progress(moment_of(task.actual_start), finish, task.left, max(task.duration - task.left, 0))
    return engine.Task(
        id=str(task.id),
        duration=task.duration,
        calendar=calendar,
        parent=None if task.parent_id is None else str(task.parent_id),
        constraint=_constraint(task),
        deadline=None if task.deadline is None else moment_of(task.deadline),
        progress=progress,
    )


def _constraint(task: Task) -> engine.Constraint:
    return engine.Constraint(
        task.constraint_kind, None if task.constraint_at is None else moment_of(task.constraint_at)
    )
