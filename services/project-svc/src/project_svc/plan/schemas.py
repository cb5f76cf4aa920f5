"""What clients send and get."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.base import Money
from crm_contracts.plan.v1 import (
    ConstraintKind,
    DurationEstimate,
    EarningMilestone,
    EarningTechnique,
    LinkKind,
    TaskAssignment,
    TaskEarning,
    TaskKind,
    TaskLink,
)
from crm_platform.http.fields import NUMERIC, Currency, LongText, Moment, Name, Price, ShortText, absent
from project_svc.plan.domain import MOST_TASKS

_MOST_MINUTES = 5_000_000
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Minutes = Annotated[int, Field(ge=0, le=_MOST_MINUTES), NUMERIC]
Lag = Annotated[int, Field(ge=-_MOST_MINUTES, le=_MOST_MINUTES), NUMERIC]
Percent = Annotated[int, Field(ge=0, le=100), NUMERIC]
Priority = Annotated[int, Field(ge=0, le=1000), NUMERIC]
Units = Annotated[int, Field(ge=1, le=1_000_000), NUMERIC]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=100)]
WorkKind = Literal[TaskKind.TASK, TaskKind.MILESTONE]


def _whole_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


PlanMoment = Annotated[Moment, Field(ge=_EARLIEST, le=_LATEST), AfterValidator(_whole_minute)]
"""A moment in which plans lie, to the minute."""


class EstimateIn(DurationEstimate):
    """Three points of an estimate, in minutes of working time."""

    optimistic: Minutes
    most_likely: Minutes
    pessimistic: Minutes


class EarningMilestoneIn(EarningMilestone):
    """A step of a task with its share of the value."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    weight: Annotated[int, Field(ge=1, le=1000), NUMERIC] = Field(
        description="In proportion to those of the other steps."
    )
    reached_at: PlanMoment | None = None


class EarningIn(BaseModel):
    """How a task earns its value."""

    model_config = ConfigDict(extra="forbid")

    technique: EarningTechnique
    milestones: Annotated[tuple[EarningMilestoneIn, ...], Field(max_length=50)] = Field(
        default=(), description="Of `weighted_milestones`, and of nothing else."
    )
    base_task_id: Key | None = Field(
        default=None,
        description="Of `apportioned_effort`, and of nothing else: id, or in an edit of a plan the key, of the task in "
        "proportion to which it earns.",
    )


class AssignmentIn(TaskAssignment):
    """Who or what a task needs."""

    units: Units = Field(
        default=100,
        description="Per cent of one person or machine; of material, hundredths of its unit in all.",
    )
    effort: Minutes | None = Field(default=None, description="Minutes of work; by units and duration where absent.")


class LinkIn(TaskLink):
    """What a task waits for."""

    lag: Lag = Field(default=0, description="Minutes between the two ends, negative for a lead.")


class LinkPut(BaseModel):
    """What a task waits for, by its id or by a key of the same edit."""

    model_config = ConfigDict(extra="forbid")

    task: Key
    kind: LinkKind = LinkKind.FINISH_TO_START
    lag: Lag = Field(default=0, description="Minutes between the two ends, negative for a lead.")
    elapsed: bool = Field(default=False, description="Whether the lag is by the clock, not of working time.")


class TaskFields(BaseModel):
    """What is said of a task (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    description: LongText | None = None
    wbs_code: Code | None = None
    kind: WorkKind = Field(default_factory=absent, description="A task with others in it is a summary by itself.")
    duration: Minutes = Field(default_factory=absent, description="Minutes of working time.")
    effort: Minutes | None = Field(
        default=None, description="Minutes of work; without a duration, that follows from it and the assignments."
    )
    effort_driven: bool = Field(default_factory=absent)
    estimate: EstimateIn | None = None
    constraint_kind: ConstraintKind = Field(default_factory=absent)
    constraint_at: PlanMoment | None = None
    deadline: PlanMoment | None = None
    calendar_id: UUID | None = None
    fixed_cost: Price | None = None
    priority: Priority = Field(default_factory=absent)
    assignments: Annotated[tuple[AssignmentIn, ...], Field(max_length=100)] = Field(default_factory=absent)
    percent_complete: Percent = Field(default_factory=absent)
    actual_start: PlanMoment | None = None
    actual_finish: PlanMoment | None = None
    remaining: Minutes | None = None
    external_id: ShortText | None = None
    earning: EarningIn | None = Field(
        default=None, description="How its value is earned; as is asked for, by per cent complete, where null."
    )


class TaskUpdate(TaskFields):
    """Changes of a task (RFC 7396 merge patch): what is absent stays, null empties."""

    parent_id: UUID | None = Field(default=None, description="It goes there as the last one.")
    predecessors: Annotated[tuple[LinkIn, ...], Field(max_length=200)] = Field(default_factory=absent)


class TaskCreate(TaskUpdate):
    """A new task, behind those that its parent has."""

    project_id: UUID
    name: Name


class TaskPut(TaskFields):
    """A new task, or with `id` changes of one that is there."""

    id: UUID | None = None
    key: Key | None = Field(default=None, description="How other parts of the edit call it.")
    parent: Key | None = Field(default=None, description="Id or key of the summary that it goes into, as the last one.")
    predecessors: Annotated[tuple[LinkPut, ...], Field(max_length=200)] = Field(default_factory=absent)


class PlaceIn(BaseModel):
    """Where a task goes: under this parent, behind those of the same parent that are named before it."""

    model_config = ConfigDict(extra="forbid")

    task: Key = Field(description="Id or key.")
    parent: Key | None = Field(default=None, description="Id or key; the top where absent.")


class PlanEdit(BaseModel):
    """One edit of a plan, which takes effect as a whole or not at all."""

    model_config = ConfigDict(extra="forbid")

    calendar_id: UUID | None = Field(
        default=None, description="Working time of tasks without a calendar of their own; office hours where null."
    )
    currency: Currency = Field(default_factory=absent)
    status_at: PlanMoment | None = Field(default=None, description="Until when progress is known.")
    remove: Annotated[tuple[UUID, ...], Field(max_length=MOST_TASKS)] = Field(
        default=(), description="Tasks that go, with all that is in them and all links to them."
    )
    tasks: Annotated[tuple[TaskPut, ...], Field(max_length=MOST_TASKS)] = Field(
        default=(), description="Tasks that come or change."
    )
    order: Annotated[tuple[PlaceIn, ...], Field(max_length=MOST_TASKS)] = Field(
        default=(), description="Where tasks go; those that are not named come behind, in their order."
    )


class TaskRead(BaseModel):
    """A task; times are minutes of working time."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    parent_id: UUID | None
    position: int
    name: str
    description: str | None
    wbs_code: str | None
    kind: TaskKind
    duration: int = Field(description="Of a summary, what it would take without the tasks in it.")
    effort: int | None
    effort_driven: bool
    estimate: DurationEstimate | None
    constraint_kind: ConstraintKind
    constraint_at: datetime | None
    deadline: datetime | None
    calendar_id: UUID | None
    fixed_cost: Money | None
    priority: int
    predecessors: list[TaskLink]
    assignments: list[TaskAssignment]
    percent_complete: int
    actual_start: datetime | None
    actual_finish: datetime | None
    remaining: int | None
    external_id: str | None
    earning: TaskEarning | None


class PlanState(BaseModel):
    """A plan as a whole; its id is the project's, its version the revision."""

    id: UUID
    version: int
    created_at: datetime | None
    created_by: str | None
    updated_at: datetime | None
    updated_by: str | None
    owner_id: UUID | None
    team_id: UUID | None
    revision: int
    calendar_id: UUID | None
    currency: str | None
    status_at: datetime | None
    task_count: int
    starts_at: datetime | None
    finishes_at: datetime | None


class PlanEdited(PlanState):
    """A plan after an edit."""

    keys: dict[str, UUID] = Field(description="The ids of new tasks, by their keys.")


class PlannedTask(TaskRead):
    """A task in its place."""

    level: int = Field(description="How deep it is; 1 at the top.")
    outline: str | None = Field(description="Number of its place, such as 1.2.3; absent below level 50.")


class PlanRead(PlanState):
    """A plan with all of its tasks, each behind its summary and in its order; at version 0 nobody has edited it yet."""

    tasks: list[PlannedTask]
