"""A plan as a table, as a calendar, and as a chart."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from crm_contracts.plan.v1 import TaskKind
from crm_platform.charts.gantt import GanttLink, GanttNames, GanttRow, Shape, gantt
from crm_platform.files.rows import Value
from crm_platform.files.text_writers import CsvWriter
from crm_platform.files.writing import Column, Kind
from crm_platform.icalendars import Entry, icalendar_of
from crm_platform.words import Words
from project_svc.exchange.leaving.outgoing import Leaving
from project_svc.plan.service import Placed, Task
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.zones import datetime_of

_WHOLE = 100
_MOST_SHADED = 400
"""Days of a chart of which those off are told apart; in a longer one they are too narrow to be seen."""
_SHAPES = {TaskKind.TASK: Shape.BAR, TaskKind.SUMMARY: Shape.SUMMARY, TaskKind.MILESTONE: Shape.MILESTONE}
_COLUMNS = {
    "outline": (Words("No.", "序号"), Kind.TEXT),
    "wbs_code": (Words("WBS code", "WBS 编码"), Kind.TEXT),
    "name": (Words("Task", "任务"), Kind.TEXT),
    "kind": (Words("Kind", "类型"), Kind.TEXT),
    "duration": (Words("Duration (h)", "工期（小时）"), Kind.DECIMAL),
    "start": (Words("Start", "开始"), Kind.DATETIME),
    "finish": (Words("Finish", "完成"), Kind.DATETIME),
    "early_start": (Words("Early start", "最早开始"), Kind.DATETIME),
    "late_finish": (Words("Late finish", "最晚完成"), Kind.DATETIME),
    "total_float": (Words("Total float (h)", "总浮动时间（小时）"), Kind.DECIMAL),
    "critical": (Words("Critical", "关键"), Kind.BOOLEAN),
    "percent_complete": (Words("Per cent complete", "完成百分比"), Kind.INTEGER),
    "predecessors": (Words("Predecessors", "前置任务"), Kind.TEXT),
    "resources": (Words("Resources", "资源"), Kind.TEXT),
    "fixed_cost": (Words("Fixed cost", "固定成本"), Kind.DECIMAL),
}
_NAMES = {
    "en": GanttNames(task="Task", critical="Critical", baseline="Baseline", done="Done", today="Today"),
    "zh": GanttNames(task="任务", critical="关键任务", baseline="基线", done="已完成", today="今天"),
}
_MINUTES = Decimal(60)


def table_of(leaving: Leaving, language: str) -> bytes:
    """The plan as CSV, a line for each task in the order of the outline; links as in `3FS+16h`."""
    columns = [Column(name, words.into(language), kind) for name, (words, kind) in _COLUMNS.items()]
    writer = CsvWriter(columns)
    numbers = {one.task.id: str(number) for number, one in enumerate(leaving.placed, start=1)}
    records = [_record(one, numbers, leaving) for one in leaving.placed]
    return writer.begin() + writer.write(records) + writer.end()


def _record(placed: Placed[Task], numbers: Mapping[UUID, str], leaving: Leaving) -> dict[str, Value]:
    task, dates = placed.task, leaving.schedule.dates[str(placed.task.id)]
    return {
        "outline": numbers[task.id],
        "wbs_code": task.wbs_code,
        "name": "  " * (placed.level - 1) + task.name,
        "kind": task.kind.value,
        "duration": _hours(task.duration),
        "start": datetime_of(dates.start),
        "finish": datetime_of(dates.finish),
        "early_start": datetime_of(dates.early_start),
        "late_finish": datetime_of(dates.late_finish),
        "total_float": _hours(dates.total_float),
        "critical": dates.critical,
        "percent_complete": task.percent_complete,
        "predecessors": "; ".join(
            f"{numbers[one.task_id]}{one.kind.value}{_lag(one.lag)}" for one in task.predecessors
        ),
        "resources": "; ".join(leaving.resources[one.resource_id].name for one in task.assignments),
        "fixed_cost": None if task.fixed_cost is None else task.fixed_cost.amount,
    }


def _hours(minutes: int) -> Decimal:
    return round(minutes / _MINUTES, 2)


def _lag(minutes: int) -> str:
    return f"{_hours(minutes).normalize():+f}h" if minutes else ""


def calendar_of(leaving: Leaving) -> bytes:
    """The tasks and milestones as iCalendar, summaries left out."""
    return icalendar_of(leaving.title, _entries(leaving))


def _entries(leaving: Leaving) -> Iterator[Entry]:
    for placed in leaving.placed:
        task = placed.task
        if task.kind is TaskKind.SUMMARY:
            continue
        dates = leaving.schedule.dates[str(task.id)]
        yield Entry(
            uid=f"task-{task.id}",
            sequence=leaving.plan.version,
            changed_at=leaving.plan.updated_at or datetime_of(dates.start),
            begin=datetime_of(dates.start),
            end=datetime_of(dates.finish),
            summary=f"{task.name} · {leaving.title}",
            description=task.description or "",
        )


def chart_of(
    leaving: Leaving,
    shown: Sequence[Placed[Task]],
    *,
    language: str,
    today: datetime,
) -> str:
    """The chart of some rows, with the days off of the plan's calendar, and the bars of the baseline that leaves."""
    rows = [_row(placed, leaving) for placed in shown]
    return gantt(
        leaving.title,
        rows,
        _NAMES.get(language, _NAMES["en"]),
        links=list(_arrows(shown)),
        today=today,
        days_off=list(_days_off(leaving.rules, min(row.begin for row in rows), max(row.end for row in rows))),
    )


def _row(placed: Placed[Task], leaving: Leaving) -> GanttRow:
    task, dates = placed.task, leaving.schedule.dates[str(placed.task.id)]
    was = next((tasks[task.id] for tasks in leaving.before.values() if task.id in tasks), None)
    who = "、".join(leaving.resources[one.resource_id].name for one in task.assignments)
    return GanttRow(
        key=str(task.id),
        name=task.name,
        begin=datetime_of(dates.start),
        end=datetime_of(dates.finish),
        level=placed.level - 1,
        shape=_SHAPES[task.kind],
        critical=dates.critical,
        done=task.percent_complete / _WHOLE,
        note=who,
        before=None if was is None else (was.starts_at, max(was.starts_at, was.finishes_at)),
    )


def _arrows(shown: Sequence[Placed[Task]]) -> Iterator[GanttLink]:
    for placed in shown:
        for link in placed.task.predecessors:
            yield GanttLink(
                str(link.task_id), str(placed.task.id), from_start=link.kind.from_start, to_end=link.kind.to_finish
            )


def _days_off(rules: Rules, first: datetime, last: datetime) -> Iterator[date]:
    day = first.date() - timedelta(days=7)
    while day <= last.date() + timedelta(days=7) and (day - first.date()).days < _MOST_SHADED:
        if not rules.spans(day):
            yield day
        day += timedelta(days=1)
