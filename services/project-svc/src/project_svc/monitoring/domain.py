"""From what is on record of projects to what they are worth; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts.plan.v1 import EarningTechnique, TaskEarning
from project_svc.earned_value.package import Accrual, Method, Milestone, Package, Report, Spent
from project_svc.earned_value.project import ProjectValue
from project_svc.earned_value.simple import Simple
from project_svc.earned_value.values import HUNDRED, ZERO
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.calendars.zones import datetime_of, moment_of

_FINEST, _MOST = timedelta(days=1), 200
"""Points of a curve are a day apart, or as far as it takes to have no more than so many."""


class Earning(StrEnum):
    """How value is earned by all tasks of which nothing else is said."""

    PERCENT_COMPLETE = "percent_complete"
    ZERO_HUNDRED = "zero_hundred"
    FIFTY_FIFTY = "fifty_fifty"

    @property
    def method(self) -> Method:
        """The same for the engine."""
        return Method(self.value)


@dataclass(frozen=True, kw_only=True)
class PlannedTask:
    """A task as a baseline has it."""

    id: UUID
    name: str
    starts_at: datetime
    finishes_at: datetime
    work: int
    cost: Decimal
    fixed_cost: Decimal


@dataclass(frozen=True, slots=True)
class KnownReport:
    """What was known of a task from a time on."""

    task_id: UUID
    as_of: datetime
    percent: int
    started: datetime | None
    finished: datetime | None
    remaining: int | None


@dataclass(frozen=True, slots=True)
class KnownCost:
    """What was spent on a task, or on the project as a whole, on a day."""

    task_id: UUID | None
    day: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class Books:
    """What is on record of a project.

    Attributes:
        currency: Of its baseline; costs in others are told apart, and not added.
        tasks: Of its baseline.
        parents: The summary task of each task that has one.
        names: Of summary tasks.
        reports: By task and time.
        costs: Of all currencies.
        calendar: Of the project.
        calendars: Of tasks that have one of their own.
        earning: How tasks earn of which that is said.
    """

    currency: str
    tasks: Sequence[PlannedTask]
    parents: Mapping[UUID, UUID] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)
    reports: Sequence[KnownReport] = ()
    costs: Sequence[KnownCost] = ()
    calendar: Rules = field(default_factory=Rules)
    calendars: Mapping[UUID, Rules] = field(default_factory=dict)
    earning: Mapping[UUID, TaskEarning] = field(default_factory=dict)

    @cached_property
    def clock(self) -> WorkTime:
        """Working time of the project."""
        return WorkTime(self.calendar, self._anchor)

    @property
    def zone(self) -> ZoneInfo:
        """Where a day of the project begins."""
        return ZoneInfo(self.calendar.zone)

    def value(self, earning: Earning = Earning.PERCENT_COMPLETE, accrual: Accrual = Accrual.PRORATED) -> ProjectValue:
        """What the project is worth; ``earning`` is the technique of tasks of which nothing else is said."""
        reports, costs = self._reports(), self._costs()
        ids = {task.id for task in self.tasks}
        overhead = [one for id, spent in costs.items() if id not in ids for one in spent]
        packages: dict[UUID, Package] = {}
        for task in sorted(self.tasks, key=self._is_apportioned):
            packages[task.id] = Package(
                id=str(task.id),
                start=moment_of(task.starts_at),
                finish=moment_of(max(task.starts_at, task.finishes_at)),
                clock=self._clock_of(task.id),
                variable=task.cost - task.fixed_cost,
                fixed=task.fixed_cost,
                accrual=accrual,
                work=task.work,
                reports=reports.get(task.id, ()),
                costs=costs.get(task.id, ()),
                **self._earned_by(task.id, earning, packages),
            )
        parents = {str(id): str(parent) for id, parent in self.parents.items()}
        ordered = [packages[task.id] for task in self.tasks]
        return ProjectValue(packages=ordered, clock=self.clock, parents=parents, overhead=overhead)

    def simple(self, value: ProjectValue, moment: int) -> Simple:
        """The plain indicators as of a moment."""
        amounts = value.amounts(moment)
        start = min((package.start for package in value.packages), default=moment)
        done = (package.work * package.report(moment).percent / HUNDRED for package in value.packages)
        return Simple(
            work_done=sum(done, ZERO),
            work_planned=Decimal(sum(package.work for package in value.packages)),
            elapsed=Decimal(max(self.clock.between(start, moment), 0)),
            cost=amounts.ac,
            budget=amounts.bac,
        )

    def other_costs(self, until: datetime) -> dict[str, Decimal]:
        """Costs in other currencies than that of the baseline, by currency."""
        found: dict[str, Decimal] = {}
        for cost in self.costs:
            if cost.currency != self.currency and self._begin(cost.day) <= moment_of(until):
                found[cost.currency] = found.get(cost.currency, ZERO) + cost.amount
        return found

    def moments(self, until: datetime) -> list[int]:
        """When curves have points: midnights from the start to the end of plan and work; and ``until`` itself."""
        ends = [one.finishes_at for one in self.tasks] + [until]
        first = min((one.starts_at for one in self.tasks), default=until).astimezone(self.zone)
        last = max(ends).astimezone(self.zone)
        step = max(-(-(last - first) // _FINEST // _MOST), 1)
        days = range(0, (last.date() - first.date()).days + step + 1, step)
        midnights = {self._begin(first.date() + timedelta(number)) for number in days}
        edges = {moment_of(first), moment_of(until), moment_of(last)}
        return sorted(one for one in midnights | edges if moment_of(first) <= one <= moment_of(last))

    @property
    def _anchor(self) -> date:
        return min((task.starts_at for task in self.tasks), default=datetime(2000, 1, 1, tzinfo=UTC)).date()

    def _clock_of(self, task_id: UUID) -> WorkTime:
        rules = self.calendars.get(task_id)
        if rules is None:
            return self.clock
        if rules not in self._clocks:
            self._clocks[rules] = WorkTime(rules, self._anchor)
        return self._clocks[rules]

    @cached_property
    def _clocks(self) -> dict[Rules, WorkTime]:
        return {}

    def _is_apportioned(self, task: PlannedTask) -> bool:
        said = self.earning.get(task.id)
        return said is not None and said.technique is EarningTechnique.APPORTIONED_EFFORT

    def _earned_by(self, id: UUID, otherwise: Earning, known: Mapping[UUID, Package]) -> dict[str, Any]:
        """How a task earns; the base of an apportioned one is in the baseline, or nothing is earned by it."""
        said = self.earning.get(id)
        if said is None:
            return {"method": otherwise.method}
        return {
            "method": Method(said.technique.value),
            "milestones": [Milestone(Decimal(one.weight), _moment(one.reached_at)) for one in said.milestones],
            "base": None if said.base_task_id is None else known.get(said.base_task_id),
        }

    def _begin(self, day: date) -> int:
        return moment_of(datetime(day.year, day.month, day.day, tzinfo=self.zone))

    def _reports(self) -> dict[UUID, list[Report]]:
        found: dict[UUID, list[Report]] = {}
        for one in sorted(self.reports, key=lambda report: report.as_of):
            report = Report(
                moment_of(one.as_of), Decimal(one.percent), _moment(one.started), _moment(one.finished), one.remaining
            )
            found.setdefault(one.task_id, []).append(report)
        return found

    def _costs(self) -> dict[UUID | None, list[Spent]]:
        found: dict[UUID | None, list[Spent]] = {}
        for cost in self.costs:
            if cost.currency == self.currency:
                found.setdefault(cost.task_id, []).append(Spent(self._begin(cost.day), cost.amount))
        return found


def times(moments: Iterable[int]) -> list[datetime]:
    """Moments as dates and times."""
    return [datetime_of(one) for one in moments]


def _moment(when: datetime | None) -> int | None:
    return None if when is None else moment_of(when)
