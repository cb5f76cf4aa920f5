"""A Microsoft Project file as an edit of a plan, and what had to be put otherwise than the file has it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_platform.words import Words
from project_svc.exchange.mspdi.document import FileAssignment, FileLink, FileTask, ProjectFile
from project_svc.exchange.mspdi.week import own_calendar, rules_of
from project_svc.scheduling.calendars.worktime import OutOfCalendarError, WorkTime
from project_svc.scheduling.calendars.zones import moment_of
from project_svc.scheduling.network.plan import ConstraintKind, LinkKind

PREFIX = "msproject:"
"""Before the number that a task has in its file, in `external_id`."""
_WHOLE = 100
_DATELESS = frozenset({ConstraintKind.AS_SOON_AS_POSSIBLE, ConstraintKind.AS_LATE_AS_POSSIBLE})
_OF_SUMMARIES = frozenset({ConstraintKind.START_NO_EARLIER_THAN, ConstraintKind.FINISH_NO_LATER_THAN})


def uid_of(external_id: str | None) -> int | None:
    """The number that something has in the file that it came out of."""
    digits = (external_id or "").removeprefix(PREFIX)
    return int(digits) if (external_id or "").startswith(PREFIX) and digits.isdecimal() else None


class Adapted(StrEnum):
    """What is taken over in another form than the file has."""

    PLACED_BY_HAND = "placed_by_hand"
    LAG_IN_PERCENT = "lag_in_percent"
    DURATION_BY_THE_CLOCK = "duration_by_the_clock"
    LONG_MILESTONE = "long_milestone"
    SUMMARY_CONSTRAINT = "summary_constraint"
    SUMMARY_ASSIGNMENT = "summary_assignment"
    SUMMARY_LINK = "summary_link"
    PROGRESS_WITHOUT_START = "progress_without_start"
    INTERRUPTED = "interrupted"
    UNNAMED = "unnamed"
    OTHER_HOURS = "other_hours"


ADAPTED: Mapping[Adapted, Words] = MappingProxyType(
    {
        Adapted.PLACED_BY_HAND: Words(
            "tasks placed by hand start no earlier than there", "手动排定的任务改为“不早于”其开始时间"
        ),
        Adapted.LAG_IN_PERCENT: Words("lags in per cent are minutes now", "百分比延隔时间已换算为分钟"),
        Adapted.DURATION_BY_THE_CLOCK: Words(
            "durations by the clock stand on a calendar of 24 hours", "按连续时间计的工期改用 24 小时日历"
        ),
        Adapted.LONG_MILESTONE: Words("milestones that take time are tasks", "有工期的里程碑改为任务"),
        Adapted.SUMMARY_CONSTRAINT: Words(
            "constraints that a summary cannot have are left out", "摘要任务不支持的限制条件已略去"
        ),
        Adapted.SUMMARY_ASSIGNMENT: Words("assignments of summaries are left out", "摘要任务的资源分配已略去"),
        Adapted.SUMMARY_LINK: Words("links that a summary cannot have are left out", "摘要任务不支持的依赖关系已略去"),
        Adapted.PROGRESS_WITHOUT_START: Words(
            "tasks with progress but no actual start have begun as scheduled", "有进度而无实际开始时间的任务按计划开始"
        ),
        Adapted.INTERRUPTED: Words("interrupted tasks are in one piece", "拆分的任务合并为一段"),
        Adapted.OTHER_HOURS: Words(
            "resources whose hours have nothing in common with those of the plan have no calendar of their own",
            "工作时间与计划日历没有重叠的资源不使用自己的日历",
        ),
        Adapted.UNNAMED: Words("tasks without a name are called by their number", "未命名的任务以其编号命名"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the parts of a file are here.

    Attributes:
        calendars: By number in the file; a task's only if it is another than the plan's.
        around_the_clock: The calendar of durations by the clock, if there is any.
        resources: By number in the file.
        tasks: Those that came out of the same file before, by number.
    """

    calendars: Mapping[int, UUID] = field(default_factory=dict)
    around_the_clock: UUID | None = None
    resources: Mapping[int, UUID] = field(default_factory=dict)
    tasks: Mapping[int, UUID] = field(default_factory=dict)


class Incoming:
    """Turns a file into an edit.

    Attributes:
        adapted: How often something is put otherwise than the file has it, once :meth:`edit` has run.
    """

    def __init__(self, file: ProjectFile, known: Known, *, zone: ZoneInfo, currency: str) -> None:
        self.adapted: Counter[Adapted] = Counter()
        self._file, self._known, self._zone, self._currency = file, known, zone, currency
        self._calendars = {one.uid: one for one in file.calendars}
        self._tasks = {task.uid: task for task in file.tasks}
        self._parents = {task.parent for task in file.tasks}
        self._resources = {one.uid: one for one in file.resources}
        self._waits: dict[int, dict[tuple[int, LinkKind], FileLink]] = {}
        for link in file.links:
            self._waits.setdefault(link.after, {}).setdefault((link.before, link.kind), link)
        self._assigned: dict[int, list[FileAssignment]] = {}
        for one in file.assignments:
            self._assigned.setdefault(one.task, []).append(one)
        self._clocks: dict[int, WorkTime] = {}

    def edit(self) -> dict[str, Any]:
        """The edit of the plan, as a request has it."""
        tasks = [self._task(task) for task in self._file.tasks]
        edit: dict[str, Any] = {
            "currency": self._currency,
            "tasks": tasks,
            "order": [self._place(task) for task in self._file.tasks],
        }
        calendar = own_calendar(self._file.calendar, self._calendars)
        if calendar is not None and calendar in self._known.calendars:
            edit["calendar_id"] = self._known.calendars[calendar]
        if self._file.status is not None:
            edit["status_at"] = self._moment(self._file.status)
        return edit

    def _place(self, task: FileTask) -> dict[str, str]:
        place = {"task": self._key(task.uid)}
        return place if task.parent is None else place | {"parent": self._key(task.parent)}

    def _key(self, uid: int) -> str:
        """How an edit names a task: by its id, or a new one by its number."""
        return str(self._known.tasks.get(uid, uid))

    def _task(self, task: FileTask) -> dict[str, Any]:
        name = task.name
        if not name:
            self.adapted[Adapted.UNNAMED] += 1
            name = f"Task {task.uid}"
        id = self._known.tasks.get(task.uid)
        return {
            **({"key": str(task.uid)} if id is None else {"id": id}),
            "name": name,
            "description": task.notes or None,
            "wbs_code": task.wbs,
            "priority": task.priority,
            "external_id": f"{PREFIX}{task.uid}",
            "deadline": None if task.deadline is None else self._moment(task.deadline),
            "fixed_cost": self._cost(task.fixed_cost),
            "predecessors": list(self._links(task)),
            **self._constraint(task),
            **(self._of_summary(task) if self._is_summary(task) else self._of_work(task)),
        }

    def _of_summary(self, task: FileTask) -> dict[str, Any]:
        self.adapted[Adapted.SUMMARY_ASSIGNMENT] += len(self._assigned.get(task.uid, ()))
        return {"assignments": []}

    def _of_work(self, task: FileTask) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": "task", "duration": task.duration, "assignments": list(self._needs(task))}
        if task.milestone:
            if task.duration:
                self.adapted[Adapted.LONG_MILESTONE] += 1
            else:
                found["kind"] = "milestone"
        if task.elapsed and task.duration:
            self.adapted[Adapted.DURATION_BY_THE_CLOCK] += 1
            found["calendar_id"] = self._known.around_the_clock
        else:
            own = own_calendar(task.calendar, self._calendars)
            found["calendar_id"] = None if own is None else self._known.calendars.get(own)
        self.adapted[Adapted.INTERRUPTED] += self._interrupted(task)
        return found | self._progress(task)

    def _progress(self, task: FileTask) -> dict[str, Any]:
        begun = task.actual_start
        if begun is None and (task.percent_complete or task.actual_finish is not None):
            self.adapted[Adapted.PROGRESS_WITHOUT_START] += 1
            begun = task.start or self._file.start
        if begun is None:
            return {}
        ended = task.actual_finish
        if ended is None and task.percent_complete == _WHOLE:
            ended = task.finish
        started = {"actual_start": self._moment(begun)}
        if ended is not None and ended >= begun:
            return started | {"actual_finish": self._moment(ended), "percent_complete": _WHOLE, "remaining": 0}
        return started | {"percent_complete": task.percent_complete, "remaining": task.remaining}

    def _constraint(self, task: FileTask) -> dict[str, Any]:
        kind, at = task.constraint, task.constraint_date
        if task.manual and task.start is not None and not self._is_summary(task):
            self.adapted[Adapted.PLACED_BY_HAND] += 1
            kind, at = ConstraintKind.START_NO_EARLIER_THAN, task.start
        if self._is_summary(task) and kind not in _OF_SUMMARIES:
            self.adapted[Adapted.SUMMARY_CONSTRAINT] += kind is not ConstraintKind.AS_SOON_AS_POSSIBLE
            kind = ConstraintKind.AS_SOON_AS_POSSIBLE
        if kind in _DATELESS or at is None:
            kind = kind if kind in _DATELESS else ConstraintKind.AS_SOON_AS_POSSIBLE
            return {"constraint_kind": kind, "constraint_at": None}
        return {"constraint_kind": kind, "constraint_at": self._moment(at)}

    def _links(self, task: FileTask) -> Iterator[dict[str, Any]]:
        for link in self._waits.get(task.uid, {}).values():
            before = self._tasks[link.before]
            if self._impossible(before, task, link):
                self.adapted[Adapted.SUMMARY_LINK] += 1
                continue
            yield {
                "task": self._key(link.before),
                "kind": link.kind,
                "lag": self._lag(before, link),
                "elapsed": link.elapsed,
            }

    def _lag(self, before: FileTask, link: FileLink) -> int:
        if link.percent is None:
            return link.lag
        self.adapted[Adapted.LAG_IN_PERCENT] += 1
        return round(before.duration * link.percent / _WHOLE)

    def _impossible(self, before: FileTask, after: FileTask, link: FileLink) -> bool:
        """Whether it is about the start of a summary, or the finish of one that waits, or inside of one."""
        if self._is_summary(before) and (link.kind.from_start or before.uid in self._above(after)):
            return True
        return self._is_summary(after) and (link.kind.to_finish or after.uid in self._above(before))

    def _above(self, task: FileTask) -> Iterator[int]:
        parent = task.parent
        while parent is not None:
            yield parent
            parent = self._tasks[parent].parent

    def _needs(self, task: FileTask) -> Iterator[dict[str, Any]]:
        """What a task needs; a resource that it is given several times, once with all units."""
        needs: dict[UUID, tuple[Decimal, int]] = {}
        for one in self._assigned.get(task.uid, ()):
            resource = self._known.resources.get(one.resource)
            if resource is not None:
                units, work = needs.get(resource, (Decimal(0), 0))
                needs[resource] = units + one.units, work + one.work
        for resource, (units, work) in needs.items():
            percent = max(1, round(units * _WHOLE))
            yield {"resource_id": resource, "units": percent, "effort": work or None}

    def _interrupted(self, task: FileTask) -> bool:
        """Whether it takes longer from its start to its finish than its duration, by a calendar that is its alone."""
        calendar = self._calendars.get(task.calendar or self._file.calendar or -1)
        if calendar is None or task.elapsed or task.start is None or task.finish is None or not task.duration:
            return False
        if any(self._has_hours_of_its_own(one.resource) for one in self._assigned.get(task.uid, ())):
            return False
        clock = self._clocks.get(calendar.uid)
        if clock is None:
            rules = rules_of(calendar, self._calendars)
            clock = self._clocks[calendar.uid] = WorkTime(rules, self._file.start.date())
        begin, end = (moment_of(one.replace(tzinfo=UTC)) for one in (task.start, task.finish))
        try:
            return clock.between(begin, end) > task.duration
        except OutOfCalendarError:
            return False

    def _has_hours_of_its_own(self, resource: int) -> bool:
        own = own_calendar(self._resources[resource].calendar, self._calendars)
        return own not in {None, own_calendar(self._file.calendar, self._calendars)}

    def _cost(self, amount: Decimal) -> dict[str, Any] | None:
        return {"amount": str(amount), "currency": self._currency} if amount else None

    def _moment(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self._zone)

    def _is_summary(self, task: FileTask) -> bool:
        return task.uid in self._parents
