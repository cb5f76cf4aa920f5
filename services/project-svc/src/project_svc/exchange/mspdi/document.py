"""What a Microsoft Project file says, as far as a plan here knows of it; times are those of the project's clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from crm_platform.words import Words
from project_svc.scheduling.calendars.rules import Span
from project_svc.scheduling.network.plan import ConstraintKind, LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FileException:
    """Other working time, or none, on the days ``first`` to ``last``; repetitions are one exception each."""

    first: date
    last: date
    spans: tuple[Span, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCalendar:
    """A calendar.

    Attributes:
        uid: Its number in the file.
        base: The calendar of which it differs; None if it stands alone.
        week: Working spans of Monday to Sunday; None is the base's, or free where there is none.
        exceptions: Of several that name a day, the first holds.
    """

    uid: int
    name: str
    base: int | None = None
    week: tuple[tuple[Span, ...] | None, ...] = (None,) * 7
    exceptions: tuple[FileException, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBaseline:
    """What was planned of a task at some time; ``number`` is 0 to 10, minutes of work and duration."""

    number: int
    start: datetime | None = None
    finish: datetime | None = None
    duration: int | None = None
    work: int | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTask:
    """A task, a milestone or a summary; minutes of duration and work, amounts in the file's currency.

    Attributes:
        elapsed: Whether the duration is by the clock rather than of working time.
        manual: Whether it stays where it is put, whatever its links say.
        start: As scheduled by who wrote the file.
        calendar: Number of its own calendar.
    """

    uid: int
    name: str
    parent: int | None = None
    wbs: str | None = None
    summary: bool = False
    milestone: bool = False
    manual: bool = False
    duration: int = 0
    elapsed: bool = False
    work: int = 0
    start: datetime | None = None
    finish: datetime | None = None
    constraint: ConstraintKind = ConstraintKind.AS_SOON_AS_POSSIBLE
    constraint_date: datetime | None = None
    deadline: datetime | None = None
    calendar: int | None = None
    priority: int = 500
    percent_complete: int = 0
    actual_start: datetime | None = None
    actual_finish: datetime | None = None
    remaining: int | None = None
    fixed_cost: Decimal = Decimal(0)
    notes: str = ""
    baselines: tuple[FileBaseline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLink:
    """A dependency.

    Attributes:
        lag: Minutes, negative for a lead; 0 where ``percent`` says how much of the predecessor's duration it is.
        elapsed: Whether the lag is by the clock.
    """

    before: int
    after: int
    kind: LinkKind = LinkKind.FINISH_TO_START
    lag: int = 0
    elapsed: bool = False
    percent: Decimal | None = None


class ResourceKind(StrEnum):
    """What is used: people and machines by time, material by quantity, or money alone."""

    WORK = "work"
    MATERIAL = "material"
    COST = "cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRate:
    """What a resource costs in a time: an hour (of material: a unit), an hour of overtime, a use."""

    since: datetime
    until: datetime
    standard: Decimal = Decimal(0)
    overtime: Decimal = Decimal(0)
    per_use: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAvailability:
    """So many units of a resource are there from ``since`` until ``until``; 1 is a whole person."""

    since: datetime
    until: datetime
    units: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResource:
    """Who or what does the work; ``rates`` are those of rate table A, and ``max_units`` 1 for one person."""

    uid: int
    name: str
    kind: ResourceKind = ResourceKind.WORK
    initials: str = ""
    group: str = ""
    email: str = ""
    max_units: Decimal = Decimal(1)
    calendar: int | None = None
    rates: tuple[FileRate, ...] = ()
    availability: tuple[FileAvailability, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAssignment:
    """Who works how much on what: ``units`` 1 for all of one person's time, minutes of work, amounts."""

    task: int
    resource: int
    units: Decimal = Decimal(1)
    work: int = 0
    actual_work: int = 0
    remaining_work: int | None = None
    cost: Decimal = Decimal(0)


class Left(StrEnum):
    """What a file can say that a plan here does not know."""

    BLANK_ROWS = "blank_rows"
    INACTIVE_TASKS = "inactive_tasks"
    EXTERNAL_TASKS = "external_tasks"
    RECURRING_TASKS = "recurring_tasks"
    TIMEPHASED = "timephased"
    CUSTOM_FIELDS = "custom_fields"
    OTHER_RATE_TABLES = "other_rate_tables"
    CONTOURS = "contours"
    UNASSIGNED = "unassigned"
    EMPTY_LINKS = "empty_links"
    MONEY_ONLY = "money_only"
    OVERTIME = "overtime"
    RESOURCE_DETAILS = "resource_details"
    BASELINES = "baselines"


LEFT: Mapping[Left, Words] = MappingProxyType(
    {
        Left.BLANK_ROWS: Words("rows without a task", "空行"),
        Left.INACTIVE_TASKS: Words("tasks that are switched off", "非活动任务"),
        Left.EXTERNAL_TASKS: Words("tasks of other projects, and inserted projects", "外部任务和插入的子项目"),
        Left.RECURRING_TASKS: Words(
            "rules of recurring tasks; their occurrences are taken over", "周期性任务的规则（各次任务已导入）"
        ),
        Left.TIMEPHASED: Words("assignments whose work is laid out day by day", "按天分布工时的工作分配"),
        Left.CUSTOM_FIELDS: Words("values of fields that the file defines itself", "文件自定义字段的值"),
        Left.OTHER_RATE_TABLES: Words("cost rates of the tables B to E", "成本费率表 B 至 E"),
        Left.CONTOURS: Words("assignments whose work is not spread evenly", "非均匀分布的工作分配"),
        Left.UNASSIGNED: Words("placeholders for work that nobody is assigned to", "未分配资源的占位记录"),
        Left.EMPTY_LINKS: Words("links to tasks that are not in the file", "指向文件外任务的链接"),
        Left.MONEY_ONLY: Words("resources that stand for money alone", "成本资源"),
        Left.OVERTIME: Words("rates of overtime, and costs of each use", "加班费率和每次使用成本"),
        Left.RESOURCE_DETAILS: Words(
            "initials, groups, addresses and notes of resources", "资源的缩写、组、邮箱和备注"
        ),
        Left.BASELINES: Words("baselines of tasks that name no dates", "任务中没有日期的比较基准"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFile:
    """A whole file.

    Attributes:
        currency: ISO 4217; None if the file does not say.
        calendar: Number of the project's calendar.
        status: Until when progress is known.
        tasks: In the order of the outline, parents first.
        left: How often the file says what is not taken over.
    """

    title: str
    start: datetime
    finish: datetime | None = None
    status: datetime | None = None
    currency: str | None = None
    minutes_per_day: int = 480
    minutes_per_week: int = 2400
    days_per_month: int = 20
    calendar: int | None = None
    calendars: tuple[FileCalendar, ...] = ()
    tasks: tuple[FileTask, ...] = ()
    links: tuple[FileLink, ...] = ()
    resources: tuple[FileResource, ...] = ()
    assignments: tuple[FileAssignment, ...] = ()
    left: Mapping[Left, int] = field(default_factory=dict)
