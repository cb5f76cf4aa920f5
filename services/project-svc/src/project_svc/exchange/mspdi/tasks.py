"""Tasks of a file and the links between them."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from project_svc.exchange.mspdi.document import FileBaseline, FileLink, FileTask, Left
from project_svc.exchange.mspdi.resources import has_timephased
from project_svc.exchange.mspdi.values import MAX_MINUTES, MAX_NOTES, Fields, Problems
from project_svc.exchange.mspdi.xml import children, texts_of
from project_svc.scheduling.network.plan import ConstraintKind, LinkKind

CONSTRAINTS = tuple(ConstraintKind(code) for code in ("ASAP", "ALAP", "MSO", "MFO", "SNET", "SNLT", "FNET", "FNLT"))
"""By their numbers in a file."""
LINKS = tuple(LinkKind(code) for code in ("FF", "FS", "SF", "SS"))
"""By their numbers in a file."""

ELAPSED_FORMATS = frozenset({4, 6, 8, 10, 12, 20, 36, 38, 40, 42, 44, 52})
"""Units by the clock: minutes, hours, days, weeks, months, percent; the latter half where the value is a guess."""
PERCENT_FORMATS = frozenset({19, 20, 51, 52})
_TENTHS_OF_A_MINUTE = 10


def task_of(element: etree._Element, fields: Fields, parent: int | None, left: Counter[Left]) -> FileTask | None:
    """The task that an element describes; None for what is none, which is counted in ``left``."""
    if skipped := _skipped(fields):
        left[skipped] += 1
        return None
    for kind, there in _not_taken_over(element, fields):
        left[kind] += there
    constraint = CONSTRAINTS[fields.whole("ConstraintType", 0, 0, 7)]
    constraint_date = fields.moment("ConstraintDate")
    manual = fields.flag("Manual")
    return FileTask(
        uid=fields.whole("UID", -1, 1, 2**31),
        name=fields.text("Name"),
        parent=parent,
        wbs=fields.text("WBS") or None,
        summary=fields.flag("Summary"),
        milestone=fields.flag("Milestone"),
        manual=manual,
        duration=_duration(fields),
        elapsed=fields.whole("DurationFormat", 7, 0, 99) in ELAPSED_FORMATS,
        work=fields.minutes("Work") or 0,
        start=fields.moment("Start"),
        finish=fields.moment("Finish"),
        constraint=constraint,
        constraint_date=constraint_date,
        deadline=fields.moment("Deadline"),
        calendar=_calendar(fields),
        priority=fields.whole("Priority", 500, 0, 1000),
        percent_complete=fields.whole("PercentComplete", 0, 0, 100),
        actual_start=fields.moment("ActualStart"),
        actual_finish=fields.moment("ActualFinish"),
        remaining=fields.minutes("RemainingDuration"),
        fixed_cost=fields.amount("FixedCost"),
        notes=fields.text("Notes", limit=MAX_NOTES),
        baselines=tuple(_baselines(element, fields)),
    )


def _skipped(fields: Fields) -> Left | None:
    if fields.flag("IsNull"):
        return Left.BLANK_ROWS
    if fields.text("Active") == "0":
        return Left.INACTIVE_TASKS
    return Left.EXTERNAL_TASKS if fields.flag("ExternalTask") or fields.flag("IsSubproject") else None


def _not_taken_over(element: etree._Element, fields: Fields) -> Iterator[tuple[Left, int]]:
    yield Left.RECURRING_TASKS, int(fields.flag("Recurring") and fields.flag("Summary"))
    yield Left.CUSTOM_FIELDS, sum(1 for _ in children(element, "ExtendedAttribute"))
    yield Left.TIMEPHASED, has_timephased(element)


def _duration(fields: Fields) -> int:
    """Of a task that is placed by hand, what was typed in, if anything was."""
    manual = fields.minutes("ManualDuration") if fields.flag("Manual") else None
    return manual or fields.minutes("Duration") or 0


def _calendar(fields: Fields) -> int | None:
    found = fields.whole("CalendarUID", -1, -1, 2**31)
    return None if found < 0 else found


def _baselines(element: etree._Element, owner: Fields) -> Iterator[FileBaseline]:
    for one in children(element, "Baseline"):
        fields = Fields(f"{owner.place}/Baseline", texts_of(one), owner.problems)
        yield FileBaseline(
            number=fields.whole("Number", 0, 0, 10),
            start=fields.moment("Start"),
            finish=fields.moment("Finish"),
            duration=fields.minutes("Duration"),
            work=fields.minutes("Work"),
            cost=fields.amount("Cost") if fields.text("Cost") else None,
        )


def links_of(element: etree._Element, task: int, problems: Problems) -> Iterator[FileLink]:
    """What a task waits for."""
    for one in children(element, "PredecessorLink"):
        fields = Fields(f"Task {task}/PredecessorLink", texts_of(one), problems)
        if fields.flag("CrossProject"):
            continue
        unit = fields.whole("LagFormat", 7, 0, 99)
        lag = fields.whole("LinkLag", 0, -MAX_MINUTES * _TENTHS_OF_A_MINUTE, MAX_MINUTES * _TENTHS_OF_A_MINUTE)
        percent = unit in PERCENT_FORMATS
        yield FileLink(
            before=fields.whole("PredecessorUID", -1, 0, 2**31),
            after=task,
            kind=LINKS[fields.whole("Type", 1, 0, 3)],
            lag=0 if percent else round(Decimal(lag) / _TENTHS_OF_A_MINUTE),
            elapsed=unit in ELAPSED_FORMATS,
            percent=Decimal(lag) if percent else None,
        )
