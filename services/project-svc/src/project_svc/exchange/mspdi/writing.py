"""What a plan says, as a file that Microsoft Project opens; elements stand in the order of Microsoft's schema."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from io import BytesIO

from lxml import etree

from project_svc.exchange.mspdi.document import (
    FileAssignment,
    FileBaseline,
    FileLink,
    FileTask,
    ProjectFile,
)
from project_svc.exchange.mspdi.elements import duration, element, leaf, money
from project_svc.exchange.mspdi.tasks import CONSTRAINTS, LINKS
from project_svc.exchange.mspdi.writing_resources import calendar_element, resource_element

NAMESPACE = "http://schemas.microsoft.com/project"
_SAVE_VERSION = 14
_MOST_NUMBERED = 50
"""Levels of the outline for which its number is written: it grows with the depth, and readers go by the level."""
_NONE = -1
_DAYS, _ELAPSED_DAYS, _PERCENT, _ELAPSED_PERCENT = 7, 8, 19, 20


def write(file: ProjectFile) -> bytes:
    """The bytes of a file, UTF-8."""
    output = BytesIO()
    with etree.xmlfile(output, encoding="utf-8") as xml:
        xml.write_declaration(standalone=True)
        with xml.element("Project", nsmap={None: NAMESPACE}):
            for one in _properties(file):
                xml.write(one)
            for name, parts in (
                ("Calendars", map(calendar_element, file.calendars)),
                ("Tasks", _tasks(file)),
                ("Resources", map(resource_element, file.resources)),
                ("Assignments", _assignments(file)),
            ):
                with xml.element(name):
                    for one in parts:
                        xml.write(one)
    return output.getvalue()


def _properties(file: ProjectFile) -> Iterator[etree._Element]:
    values: Mapping[str, object] = {
        "SaveVersion": _SAVE_VERSION,
        "Name": file.title,
        "Title": file.title,
        "ScheduleFromStart": True,
        "StartDate": file.start,
        "FinishDate": file.finish,
        "CurrencyCode": file.currency,
        "CalendarUID": file.calendar,
        "MinutesPerDay": file.minutes_per_day,
        "MinutesPerWeek": file.minutes_per_week,
        "DaysPerMonth": file.days_per_month,
        "HonorConstraints": True,
        "StatusDate": file.status,
    }
    for name, value in values.items():
        if value is not None:
            yield leaf(name, value)


def _tasks(file: ProjectFile) -> Iterator[etree._Element]:
    yield element(
        "Task",
        {"UID": 0, "ID": 0, "Name": file.title, "Type": 1, "IsNull": False, "OutlineNumber": 0, "OutlineLevel": 0}
        | {"Start": file.start, "Finish": file.finish, "Summary": True},
    )
    waits: dict[int, list[FileLink]] = {}
    for link in file.links:
        waits.setdefault(link.after, []).append(link)
    levels: dict[int | None, int] = {None: 0}
    numbers: dict[int | None, str] = {None: ""}
    counts: dict[int | None, int] = {}
    for row, task in enumerate(file.tasks, start=1):
        counts[task.parent] = counts.get(task.parent, 0) + 1
        levels[task.uid] = levels[task.parent] + 1
        if levels[task.uid] <= _MOST_NUMBERED:
            numbers[task.uid] = f"{numbers[task.parent]}.{counts[task.parent]}".lstrip(".")
        yield _task(task, row, numbers.get(task.uid), levels[task.uid], waits.get(task.uid, []))


def _task(task: FileTask, row: int, number: str | None, level: int, waits: list[FileLink]) -> etree._Element:
    ended = task.actual_finish is not None
    found = element(
        "Task",
        {
            "UID": task.uid,
            "ID": row,
            "Name": task.name,
            "Manual": task.manual,
            "Type": 1,
            "IsNull": False,
            "WBS": task.wbs,
            "OutlineNumber": number,
            "OutlineLevel": level,
            "Priority": task.priority,
            "Start": task.start,
            "Finish": task.finish,
            "Duration": duration(task.duration),
            "ManualStart": task.start if task.manual else None,
            "ManualFinish": task.finish if task.manual else None,
            "ManualDuration": duration(task.duration) if task.manual else None,
            "DurationFormat": _ELAPSED_DAYS if task.elapsed else _DAYS,
            "Work": duration(task.work),
            "EffortDriven": False,
            "Milestone": task.milestone,
            "Summary": task.summary,
            "FixedCost": money(task.fixed_cost),
            "PercentComplete": task.percent_complete,
            "ActualStart": task.actual_start,
            "ActualFinish": task.actual_finish,
            "ActualDuration": duration(None if task.remaining is None else max(task.duration - task.remaining, 0)),
            "RemainingDuration": duration(0 if ended and task.remaining is None else task.remaining),
            "ConstraintType": CONSTRAINTS.index(task.constraint),
            "CalendarUID": _NONE if task.calendar is None else task.calendar,
            "ConstraintDate": task.constraint_date,
            "Deadline": task.deadline,
            "Notes": task.notes or None,
        },
    )
    for link in waits:
        found.append(_link(link))
    for baseline in task.baselines:
        found.append(_baseline(baseline))
    return found


def _link(link: FileLink) -> etree._Element:
    unit = _ELAPSED_DAYS if link.elapsed else _DAYS
    lag = Decimal(link.lag) * 10
    if link.percent is not None:
        unit, lag = _ELAPSED_PERCENT if link.elapsed else _PERCENT, link.percent
    return element(
        "PredecessorLink",
        {"PredecessorUID": link.before, "Type": LINKS.index(link.kind), "CrossProject": False}
        | {"LinkLag": lag, "LagFormat": unit},
    )


def _baseline(baseline: FileBaseline) -> etree._Element:
    return element(
        "Baseline",
        {
            "Number": baseline.number,
            "Start": baseline.start,
            "Finish": baseline.finish,
            "Duration": duration(baseline.duration),
            "DurationFormat": None if baseline.duration is None else _DAYS,
            "Work": duration(baseline.work),
            "Cost": None if baseline.cost is None else money(baseline.cost),
        },
    )


def _assignments(file: ProjectFile) -> Iterator[etree._Element]:
    for number, one in enumerate(file.assignments, start=1):
        yield _assignment(number, one)


def _assignment(number: int, one: FileAssignment) -> etree._Element:
    return element(
        "Assignment",
        {
            "UID": number,
            "TaskUID": one.task,
            "ResourceUID": one.resource,
            "ActualWork": duration(one.actual_work),
            "Cost": money(one.cost),
            "RemainingWork": duration(one.remaining_work),
            "Units": one.units,
            "Work": duration(one.work),
        },
    )
