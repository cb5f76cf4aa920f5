"""Events of the plans of projects (project-svc), major version 1. Durations are minutes of working time."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from crm_contracts.base import Contract, CurrencyCode, DomainEvent, Money, OwnedSnapshot, Snapshot

Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of the day, by the clock."""


class TaskKind(StrEnum):
    """What stands in a work breakdown: work, a moment, or a summary of the tasks below it."""

    TASK = "task"
    MILESTONE = "milestone"
    SUMMARY = "summary"


class LinkKind(StrEnum):
    """Which end of a predecessor holds which end of its successor."""

    FINISH_TO_START = "FS"
    START_TO_START = "SS"
    FINISH_TO_FINISH = "FF"
    START_TO_FINISH = "SF"

    @property
    def from_start(self) -> bool:
        """Whether it is the predecessor's start that counts."""
        return self[0] == "S"

    @property
    def to_finish(self) -> bool:
        """Whether it is the successor's finish that is held."""
        return self[1] == "F"


class ConstraintKind(StrEnum):
    """How a date binds a task; those that must hold can be impossible, a deadline cannot."""

    AS_SOON_AS_POSSIBLE = "ASAP"
    AS_LATE_AS_POSSIBLE = "ALAP"
    START_NO_EARLIER_THAN = "SNET"
    START_NO_LATER_THAN = "SNLT"
    FINISH_NO_EARLIER_THAN = "FNET"
    FINISH_NO_LATER_THAN = "FNLT"
    MUST_START_ON = "MSO"
    MUST_FINISH_ON = "MFO"


class DurationEstimate(Contract):
    """Three points of an estimate, in minutes of working time."""

    optimistic: int
    most_likely: int
    pessimistic: int


class EarningTechnique(StrEnum):
    """How a task earns its value (PMI, *Practice Standard for Earned Value Management*, 2nd ed., 2011)."""

    PERCENT_COMPLETE = "percent_complete"
    ZERO_HUNDRED = "zero_hundred"
    FIFTY_FIFTY = "fifty_fifty"
    WEIGHTED_MILESTONES = "weighted_milestones"
    APPORTIONED_EFFORT = "apportioned_effort"
    LEVEL_OF_EFFORT = "level_of_effort"


class EarningMilestone(Contract):
    """A step of a task with its share of the value."""

    name: str
    weight: int = Field(description="In proportion to those of the other steps.")
    reached_at: datetime | None = None


class TaskEarning(Contract):
    """How a task earns its value."""

    technique: EarningTechnique
    milestones: tuple[EarningMilestone, ...] = Field(default=(), description="Of `weighted_milestones`.")
    base_task_id: UUID | None = Field(
        default=None, description="Of `apportioned_effort`: the task in proportion to which it earns."
    )


class TaskLink(Contract):
    """What a task waits for."""

    task_id: UUID = Field(description="The predecessor.")
    kind: LinkKind = LinkKind.FINISH_TO_START
    lag: int = Field(default=0, description="Minutes between the two ends, negative for a lead.")
    elapsed: bool = Field(default=False, description="Whether the lag is by the clock, not of working time.")


class TaskAssignment(Contract):
    """Who or what a task needs."""

    resource_id: UUID
    units: int = Field(
        default=100,
        description="Per cent of one person or machine; of material, hundredths of its unit in all.",
    )
    effort: int | None = Field(default=None, description="Minutes of work; by units and duration where absent.")


class TaskSnapshot(OwnedSnapshot):
    """State of a task; its links stand with the task that waits, and so do its assignments."""

    project_id: UUID
    parent_id: UUID | None = Field(description="The summary that it is part of.")
    position: int = Field(description="Place among the tasks of the same parent, from 0.")
    name: str
    description: str | None
    wbs_code: str | None = Field(description="Code of its own; the outline number stands for it where absent.")
    kind: TaskKind
    duration: int = Field(description="Minutes of working time.")
    effort: int | None = Field(description="Minutes of work of all people together.")
    effort_driven: bool = Field(description="Whether the duration follows from effort and assignments.")
    estimate: DurationEstimate | None
    constraint_kind: ConstraintKind
    constraint_at: datetime | None
    deadline: datetime | None
    calendar_id: UUID | None
    fixed_cost: Money | None
    priority: int = Field(description="0 to 1000; of two that want the same resource the higher one goes first.")
    predecessors: tuple[TaskLink, ...]
    assignments: tuple[TaskAssignment, ...]
    percent_complete: int = Field(description="0 to 100.")
    actual_start: datetime | None
    actual_finish: datetime | None
    remaining: int | None = Field(description="Minutes of working time left; by per cent complete where absent.")
    external_id: str | None
    earning: TaskEarning | None = Field(
        default=None, description="How its value is earned; as is asked for, by per cent complete, where absent."
    )


class TaskEvent(DomainEvent[TaskSnapshot]):
    """Base of the task events."""

    topic = "crm.task.v1"
    aggregate_type = "task"


class TaskPlanned(TaskEvent):
    """A task entered the plan of a project."""

    type = "task.planned"


class TaskUpdated(TaskEvent):
    """A task was changed: its fields, its place in the tree, its links or its assignments."""

    type = "task.updated"


class TaskRemoved(TaskEvent):
    """A task left the plan, by itself or with the summary above it."""

    type = "task.removed"


class PlanSnapshot(OwnedSnapshot):
    """State of a plan as a whole; its `id` is the project's, its `version` the revision of the plan."""

    revision: int = Field(description="Counts the edits.")
    calendar_id: UUID | None
    currency: CurrencyCode
    status_at: datetime | None = Field(description="Until when progress is known.")
    task_count: int
    starts_at: datetime | None = Field(description="When the first task is scheduled to start.")
    finishes_at: datetime | None = Field(description="When the last task is scheduled to end.")


class PlanEvent(DomainEvent[PlanSnapshot]):
    """Base of the plan events."""

    topic = "crm.plan.v1"
    aggregate_type = "plan"


class PlanChanged(PlanEvent):
    """Something in a plan has changed; told once for each edit, however many tasks it touches."""

    type = "plan.changed"


class BaselineSnapshot(OwnedSnapshot):
    """State of a baseline: a plan as it was, to compare with."""

    project_id: UUID
    number: int = Field(description="From 1 in each project.")
    name: str
    plan_revision: int
    starts_at: datetime
    finishes_at: datetime
    work: int = Field(description="Minutes of working time of all tasks together.")
    cost: Money
    task_count: int
    change_request_id: UUID | None = Field(default=None, description="The change whose implementation set it.")
    external_id: str | None = Field(default=None, description="Of one that a file brought, such as `msproject:0`.")


class BaselineEvent(DomainEvent[BaselineSnapshot]):
    """Base of the baseline events."""

    topic = "crm.plan.v1"
    aggregate_type = "baseline"


class BaselineSet(BaselineEvent):
    """The plan of a project was put on record as a baseline."""

    type = "baseline.set"


class WorkSpan(Contract):
    """Working time of a day; one that does not end after it begins ends on the next day."""

    begins: Clock
    ends: Clock


class CalendarException(Contract):
    """Other working time, or none, on some days."""

    first_on: date
    last_on: date
    spans: tuple[WorkSpan, ...] = ()
    name: str = ""


class WorkCalendarSnapshot(Snapshot):
    """State of a working calendar."""

    name: str
    time_zone: str = Field(description="IANA name.")
    week: tuple[tuple[WorkSpan, ...], ...] = Field(description="Working time of Monday to Sunday.")
    exceptions: tuple[CalendarException, ...]
    country: str | None = Field(description="ISO 3166-1 alpha-2; whose public holidays are free.")
    subdivision: str | None = Field(description="ISO 3166-2, without the country.")


class WorkCalendarEvent(DomainEvent[WorkCalendarSnapshot]):
    """Base of the events of working calendars."""

    topic = "crm.resource.v1"
    aggregate_type = "work_calendar"


class WorkCalendarCreated(WorkCalendarEvent):
    """A working calendar was defined."""

    type = "work_calendar.created"


class WorkCalendarUpdated(WorkCalendarEvent):
    """A working calendar was changed; all dates that follow from it have."""

    type = "work_calendar.updated"


class ResourceKind(StrEnum):
    """What a task can need: people and equipment for a time, material for good."""

    PERSON = "person"
    EQUIPMENT = "equipment"
    MATERIAL = "material"


class ResourceCapacity(Contract):
    """From a day on, how much of a resource there is."""

    since: date
    units: int = Field(description="Per cent: 100 is one full-time person or one machine.")


class ResourceRate(Contract):
    """From a day on, what a resource costs."""

    since: date
    rate: Money = Field(description="For an hour of work; of material, for one unit.")


class ResourceSnapshot(Snapshot):
    """State of a resource."""

    name: str
    kind: ResourceKind
    user_id: UUID | None = Field(description="The person as a user.")
    skills: tuple[str, ...]
    capacity: tuple[ResourceCapacity, ...]
    rates: tuple[ResourceRate, ...]
    calendar_id: UUID | None
    active: bool
    external_id: str | None


class ResourceEvent(DomainEvent[ResourceSnapshot]):
    """Base of the resource events."""

    topic = "crm.resource.v1"
    aggregate_type = "resource"


class ResourceCreated(ResourceEvent):
    """A resource entered the pool."""

    type = "resource.created"


class ResourceUpdated(ResourceEvent):
    """A resource was changed: its skills, capacity, rates, calendar, or whether it can still be planned."""

    type = "resource.updated"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    TaskPlanned,
    TaskUpdated,
    TaskRemoved,
    PlanChanged,
    BaselineSet,
    WorkCalendarCreated,
    WorkCalendarUpdated,
    ResourceCreated,
    ResourceUpdated,
)
