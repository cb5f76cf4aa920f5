"""A plan with its schedule as a Microsoft Project file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts.plan.v1 import ResourceCapacity, ResourceRate, TaskKind
from crm_contracts.plan.v1 import ResourceKind as Kind
from project_svc.exchange.arriving.incoming import uid_of
from project_svc.exchange.leaving.baselines import Was
from project_svc.exchange.mspdi.document import (
    FileAssignment,
    FileAvailability,
    FileBaseline,
    FileCalendar,
    FileException,
    FileLink,
    FileRate,
    FileResource,
    FileTask,
    ProjectFile,
    ResourceKind,
)
from project_svc.exchange.mspdi.resources import ALWAYS
from project_svc.plan.service import Placed, Plan, Task
from project_svc.resources.service import Resource
from project_svc.scheduling.calendars.public import public_days
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.scheduling.network.schedule import Schedule
from project_svc.work_calendars.service import WorkCalendar

Step = TypeVar("Step", ResourceCapacity, ResourceRate)
_WHOLE = Decimal(100)
_KINDS = {
    Kind.PERSON: ResourceKind.WORK,
    Kind.EQUIPMENT: ResourceKind.WORK,
    Kind.MATERIAL: ResourceKind.MATERIAL,
}
_STANDARD = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What leaves: a plan in the order of its outline, what it refers to, its dates, and its baselines by number."""

    title: str
    plan: Plan
    placed: Sequence[Placed[Task]]
    rules: Rules
    """Of the plan's own calendar."""
    calendars: Mapping[UUID, WorkCalendar]
    resources: Mapping[UUID, Resource]
    schedule: Schedule
    before: Mapping[int, Mapping[UUID, Was]] = field(default_factory=dict)


def file_of(leaving: Leaving) -> ProjectFile:
    """The file; its times are those of the clock in the plan's calendar."""
    return _Writer(leaving).file()


class _Writer:
    def __init__(self, leaving: Leaving) -> None:
        self._leaving = leaving
        self._zone = ZoneInfo(leaving.rules.zone)
        self._tasks = _numbers(leaving.placed)
        others = sorted((id for id in leaving.calendars if id != leaving.plan.calendar_id), key=self._name_of)
        self._calendars = {id: number for number, id in enumerate(others, start=_STANDARD + 1)}
        if leaving.plan.calendar_id is not None:
            self._calendars[leaving.plan.calendar_id] = _STANDARD
        by_name = sorted(leaving.resources, key=lambda id: (leaving.resources[id].name, id))
        self._resources = {id: number for number, id in enumerate(by_name, start=1)}

    def _name_of(self, id: UUID) -> tuple[str, UUID]:
        return self._leaving.calendars[id].name, id

    def file(self) -> ProjectFile:
        leaving, schedule = self._leaving, self._leaving.schedule
        return ProjectFile(
            title=leaving.title,
            start=self._local(schedule.start),
            finish=self._local(schedule.finish),
            status=None if leaving.plan.status_at is None else self._clock(leaving.plan.status_at),
            currency=leaving.plan.currency,
            calendar=_STANDARD,
            calendars=tuple(self._files_calendars()),
            tasks=tuple(self._task(placed.task) for placed in leaving.placed),
            links=tuple(self._links()),
            resources=tuple(self._resource(leaving.resources[id], number) for id, number in self._resources.items()),
            assignments=tuple(self._assignments()),
        )

    def _local(self, moment: int) -> datetime:
        return datetime_of(moment, self._zone).replace(tzinfo=None)

    def _clock(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone).replace(tzinfo=None)

    def _files_calendars(self) -> Iterator[FileCalendar]:
        if self._leaving.plan.calendar_id is None:
            yield self._calendar(_STANDARD, "Standard", self._leaving.rules)
        for id, number in sorted(self._calendars.items(), key=lambda one: one[1]):
            yield self._calendar(number, self._leaving.calendars[id].name, self._leaving.calendars[id].rules())

    def _calendar(self, number: int, name: str, rules: Rules) -> FileCalendar:
        """Public holidays are exceptions like others there, in the years of the plan and one beyond."""
        own = tuple(
            FileException(first=one.first, last=one.last, spans=one.spans, name=one.name) for one in rules.exceptions
        )
        return FileCalendar(uid=number, name=name, week=rules.week, exceptions=(*own, *self._public(rules)))

    def _public(self, rules: Rules) -> Iterator[FileException]:
        if rules.region is None:
            return
        first = datetime_of(self._leaving.schedule.start).year
        last = datetime_of(self._leaving.schedule.finish).year
        for year in range(first, last + 2):
            public = public_days(rules.region, year)
            for day, words in sorted({**public.off, **public.make_up}.items()):
                yield FileException(first=day, last=day, spans=rules.spans(day), name=words.en)

    def _task(self, task: Task) -> FileTask:
        dates = self._leaving.schedule.dates[str(task.id)]
        return FileTask(
            uid=self._tasks[task.id],
            name=task.name,
            parent=None if task.parent_id is None else self._tasks[task.parent_id],
            wbs=task.wbs_code,
            summary=task.kind is TaskKind.SUMMARY,
            milestone=task.kind is TaskKind.MILESTONE,
            duration=task.duration,
            work=task.effort or 0,
            start=self._local(dates.start),
            finish=self._local(dates.finish),
            constraint=task.constraint_kind,
            constraint_date=None if task.constraint_at is None else self._clock(task.constraint_at),
            deadline=None if task.deadline is None else self._clock(task.deadline),
            calendar=None if task.calendar_id is None else self._calendars[task.calendar_id],
            priority=task.priority,
            percent_complete=task.percent_complete,
            actual_start=None if task.actual_start is None else self._clock(task.actual_start),
            actual_finish=None if task.actual_finish is None else self._clock(task.actual_finish),
            remaining=task.left if task.actual_start is not None else None,
            fixed_cost=Decimal(0) if task.fixed_cost is None else task.fixed_cost.amount,
            notes=task.description or "",
            baselines=tuple(self._baselines(task.id)),
        )

    def _baselines(self, id: UUID) -> Iterator[FileBaseline]:
        for number, tasks in sorted(self._leaving.before.items()):
            was = tasks.get(id)
            if was is not None:
                yield FileBaseline(
                    number=number,
                    start=self._clock(was.starts_at),
                    finish=self._clock(was.finishes_at),
                    duration=was.work,
                    work=was.effort,
                    cost=was.cost,
                )

    def _links(self) -> Iterator[FileLink]:
        for placed in self._leaving.placed:
            for link in placed.task.predecessors:
                yield FileLink(
                    before=self._tasks[link.task_id],
                    after=self._tasks[placed.task.id],
                    kind=link.kind,
                    lag=link.lag,
                    elapsed=link.elapsed,
                )

    def _resource(self, resource: Resource, number: int) -> FileResource:
        most = max(one.units for one in resource.capacity)
        calendar = self._calendars.get(resource.calendar_id) if resource.calendar_id else None
        return FileResource(
            uid=number,
            name=resource.name,
            kind=_KINDS[resource.kind],
            max_units=most / _WHOLE,
            calendar=calendar,
            rates=tuple(self._rates(resource)),
            availability=tuple(_availability(resource)),
        )

    def _rates(self, resource: Resource) -> Iterator[FileRate]:
        own = [one for one in resource.rates if one.rate.currency == self._leaving.plan.currency]
        for one, until in _until_the_next(own):
            since = max(_midnight(one.since), ALWAYS[0])
            yield FileRate(since=since, until=until, standard=one.rate.amount)

    def _assignments(self) -> Iterator[FileAssignment]:
        for placed in self._leaving.placed:
            for one in placed.task.assignments:
                material = self._leaving.resources[one.resource_id].kind is Kind.MATERIAL
                work = 0 if material else round(placed.task.duration * one.units / _WHOLE)
                yield FileAssignment(
                    task=self._tasks[placed.task.id],
                    resource=self._resources[one.resource_id],
                    units=one.units / _WHOLE,
                    work=work if one.effort is None else one.effort,
                )


def _availability(resource: Resource) -> Iterator[FileAvailability]:
    """Only of one whose capacity changes; else it is all there is to say."""
    steps = resource.capacity
    if len(steps) == 1:
        return
    for one, until in _until_the_next(steps):
        yield FileAvailability(since=max(_midnight(one.since), ALWAYS[0]), until=until, units=one.units / _WHOLE)


def _until_the_next(steps: Sequence[Step]) -> Iterator[tuple[Step, datetime]]:
    """What holds from a day on, each with the midnight at which the next one begins to."""
    for index, one in enumerate(steps, start=1):
        yield one, _midnight(steps[index].since) if index < len(steps) else ALWAYS[1]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)


def _numbers(placed: Sequence[Placed[Task]]) -> dict[UUID, int]:
    """Numbers of tasks: those that came out of a file keep theirs, others come behind."""
    found: dict[UUID, int] = {}
    used: set[int] = set()
    for one in placed:
        number = number_of(one.task)
        if number is not None and number not in used:
            found[one.task.id] = number
            used.add(number)
    free = max(used, default=0)
    for one in placed:
        if one.task.id not in found:
            free += 1
            found[one.task.id] = free
    return found


def number_of(task: Task) -> int | None:
    """The number that a task has in the file that it came out of."""
    return uid_of(task.external_id)
