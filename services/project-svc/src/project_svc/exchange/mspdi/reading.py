"""A file's bytes into what it says."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import BinaryIO, TypeVar

from lxml import etree

from crm_platform.words import Words
from project_svc.exchange.mspdi.calendars import calendar_of
from project_svc.exchange.mspdi.document import (
    FileAssignment,
    FileCalendar,
    FileLink,
    FileResource,
    FileTask,
    Left,
    ProjectFile,
)
from project_svc.exchange.mspdi.resources import assignment_of, resource_of
from project_svc.exchange.mspdi.tasks import links_of, task_of
from project_svc.exchange.mspdi.values import Fields, Problems
from project_svc.exchange.mspdi.xml import elements, texts_of
from project_svc.scheduling.calendars.worktime import EARLIEST

MAX_ELEMENTS = 50_000
"""Tasks of a file; as many resources and calendars, ten times as many assignments and links."""

T = TypeVar("T")

_PARTS = frozenset({"Calendar", "Task", "Resource", "Assignment"})
_NOBODY = -65535


def read(source: BinaryIO) -> ProjectFile:
    """What a file says.

    Raises:
        MspdiError: It is no such file, or says what cannot be; with all that is wrong, each with its place.
    """
    reader = _Reader()
    properties: dict[str, str] = {}
    for name, element in elements(source, _PARTS):
        if name in _PARTS:
            reader.take(name, element)
        elif not len(element):
            properties.setdefault(name, element.text or "")
    found = reader.file(Fields("Project", properties, reader.problems))
    reader.problems.refuse()
    return found


@dataclass(slots=True)
class _Reader:
    problems: Problems = field(default_factory=Problems)
    left: Counter[Left] = field(default_factory=Counter)
    calendars: list[FileCalendar] = field(default_factory=list)
    tasks: list[FileTask] = field(default_factory=list)
    links: list[FileLink] = field(default_factory=list)
    resources: list[FileResource] = field(default_factory=list)
    assignments: list[FileAssignment] = field(default_factory=list)
    outline: list[tuple[int, int]] = field(default_factory=list)
    title: str = ""

    def take(self, name: str, element: etree._Element) -> None:
        """Read one part."""
        if name == "Calendar":
            self._add(name, self.calendars, calendar_of(element, self.problems))
        elif name == "Task":
            self._take_task(element)
        elif name == "Resource":
            resource = resource_of(element, self.problems, self.left)
            if resource is not None:
                self._add(name, self.resources, resource)
        else:
            self._take_assignment(element)

    def _take_task(self, element: etree._Element) -> None:
        texts = texts_of(element)
        fields = Fields(f"Task {texts.get('UID', '?')}", texts, self.problems)
        if fields.text("UID") == "0":
            self.title = fields.text("Name")
            return
        level = fields.whole("OutlineLevel", 1, 0, 65_535)
        while self.outline and self.outline[-1][0] >= level:
            self.outline.pop()
        task = task_of(element, fields, self.outline[-1][1] if self.outline else None, self.left)
        if task is None:
            return
        self.outline.append((level, task.uid))
        self._add("Task", self.tasks, task)
        for link in links_of(element, task.uid, self.problems):
            self._add("PredecessorLink", self.links, link, 10)

    def _take_assignment(self, element: etree._Element) -> None:
        texts = texts_of(element)
        fields = Fields(f"Assignment {texts.get('UID', '?')}", texts, self.problems)
        if fields.decimal("ResourceUID", Decimal(_NOBODY)) == _NOBODY:
            self.left[Left.UNASSIGNED] += 1
            return
        self._add("Assignment", self.assignments, assignment_of(element, fields, self.left), 10)

    def _add(self, name: str, many: list[T], one: T, times: int = 1) -> None:
        if len(many) >= MAX_ELEMENTS * times:
            limit = MAX_ELEMENTS * times
            self.problems.add(name, Words(f"there are more than {limit:,} of them", f"数量超过 {limit:,}"))
            self.problems.refuse()
        many.append(one)

    def file(self, fields: Fields) -> ProjectFile:
        """All of it, once the file has been read."""
        self._check_unique()
        known = {task.uid for task in self.tasks}
        links = [one for one in self.links if {one.before, one.after} <= known and one.before != one.after]
        if len(links) < len(self.links):
            self.left[Left.EMPTY_LINKS] += len(self.links) - len(links)
        calendars = {calendar.uid for calendar in self.calendars}
        calendar = fields.whole("CalendarUID", -1, -1, 2**31)
        return ProjectFile(
            title=fields.text("Title") or self.title or fields.text("Name"),
            start=self._start(fields),
            finish=fields.moment("FinishDate"),
            status=fields.moment("StatusDate"),
            currency=fields.text("CurrencyCode") or None,
            minutes_per_day=fields.whole("MinutesPerDay", 480, 1, 1440),
            minutes_per_week=fields.whole("MinutesPerWeek", 2400, 1, 10080),
            days_per_month=fields.whole("DaysPerMonth", 20, 1, 31),
            calendar=calendar if calendar in calendars else None,
            calendars=tuple(self.calendars),
            tasks=tuple(self.tasks),
            links=tuple(links),
            resources=tuple(self.resources),
            assignments=tuple(self._assignments(known)),
            left={kind: count for kind, count in self.left.items() if count},
        )

    def _start(self, fields: Fields) -> datetime:
        starts = [task.start for task in self.tasks if task.start is not None]
        start = fields.moment("StartDate") or min(starts, default=None)
        if start is None:
            fields.wrong("StartDate", Words("is missing, and no task has a start", "缺少，且没有任务有开始时间"))
            return datetime.combine(EARLIEST, time.min)
        return start

    def _check_unique(self) -> None:
        for name, uids in (
            ("Task", [task.uid for task in self.tasks]),
            ("Resource", [resource.uid for resource in self.resources]),
            ("Calendar", [calendar.uid for calendar in self.calendars]),
        ):
            for uid, count in Counter(uids).items():
                if count > 1:
                    self.problems.add(f"{name} {uid}", Words("is there more than once", "重复出现"))

    def _assignments(self, tasks: set[int]) -> list[FileAssignment]:
        resources = {resource.uid for resource in self.resources}
        found = [one for one in self.assignments if one.task in tasks and one.resource in resources]
        self.left[Left.UNASSIGNED] += len(self.assignments) - len(found)
        return found
