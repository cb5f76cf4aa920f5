"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import Money
from crm_contracts.plan.v1 import ConstraintKind, TaskKind
from crm_platform.http.fields import NUMERIC
from project_svc.schedules.domain import MOST_EFFORT, USUAL_EFFORT
from project_svc.scheduling.rcpsp.solve import Ended, Method


class Optimisation(BaseModel):
    """How much to search for a shorter schedule."""

    model_config = ConfigDict(extra="forbid")

    effort: Annotated[int, Field(ge=1, le=MOST_EFFORT), NUMERIC] = Field(
        default=USUAL_EFFORT,
        description="About so many seconds of one core; counted in work, so that equal plans have equal schedules.",
    )


class NamedTask(BaseModel):
    """A task on a path."""

    id: UUID
    name: str


class ConflictRead(BaseModel):
    """A constraint that cannot hold."""

    task_id: UUID
    constraint_kind: ConstraintKind
    constraint_at: datetime | None
    earliest: datetime = Field(description="The earliest start or finish that is possible.")
    path: list[NamedTask] = Field(description="The tasks that push it there, from the first to the task itself.")


class WaitRead(BaseModel):
    """Why levelling has delayed a task."""

    task_id: UUID
    resource_id: UUID
    since: datetime = Field(description="When it could have begun otherwise.")
    until: datetime = Field(description="When enough of the resource was free.")
    holder_ids: list[UUID] = Field(description="The tasks that held it until then; none if there was too little of it.")


class ScheduledTask(BaseModel):
    """Dates of a task; floats are minutes of its working time."""

    task_id: UUID
    name: str
    kind: TaskKind
    start: datetime
    finish: datetime
    early_start: datetime
    early_finish: datetime
    late_start: datetime
    late_finish: datetime
    total_float: int = Field(description="By how much it can move without moving the end; negative past a deadline.")
    free_float: int = Field(description="By how much it can move without moving any other task.")
    critical: bool
    driver_id: UUID | None = Field(description="The task that holds it where it is; null where that is a date.")
    cost: Money | None = Field(description="Null for a summary, whose tasks cost.")


class ScheduleRead(BaseModel):
    """The schedule of a plan, by the critical path method."""

    project_id: UUID
    plan_revision: int
    starts_at: datetime | None
    finishes_at: datetime | None
    provisional_from: date | None = Field(
        description="The last day of which public holidays are announced, where the plan reaches beyond it."
    )
    cost: Money
    unpriced: list[UUID] = Field(description="Tasks with assignments that no rate in the plan's currency prices.")
    critical_path: list[UUID]
    conflicts: list[ConflictRead]
    waits: list[WaitRead] = Field(
        description="Every delay that levelling has made, in the order in which it made them."
    )
    tasks: list[ScheduledTask]


class OptimisedRead(ScheduleRead):
    """The shortest levelled schedule that a search has found, and how near the optimum it is."""

    operation_id: UUID
    found_at: datetime
    is_current: bool = Field(description="Whether plan, calendars and resources are still as they were.")
    makespan: int = Field(description="Minutes of working time of the plan's calendar that the search came to.")
    lower_bound: int = Field(description="No schedule of the model is shorter.")
    gap: float = Field(description="By how much of the lower bound it can be too long, at most.")
    exact: bool = Field(
        description="Whether the model is the plan: one calendar, whole periods. Otherwise bound and gap are estimates."
    )
    ended: Ended
    method: Method
    by_priority_rule: datetime = Field(description="When the ordinary levelled schedule ends.")


class Side(BaseModel):
    """A plan on one side of a comparison."""

    starts_at: datetime | None
    finishes_at: datetime | None
    cost: Money
    critical_path: list[UUID]


class VarianceRead(BaseModel):
    """What differs in a task: after less before, in minutes of working time of the plan's calendar."""

    task_id: UUID
    name: str
    start: int
    finish: int
    work: int
    cost: Money


class ComparisonRead(BaseModel):
    """Two plans beside each other."""

    before: Side
    after: Side
    finish: int = Field(description="Minutes of working time that the later one ends later.")
    cost: Money = Field(description="By how much it costs more.")
    changed: list[VarianceRead]
    added: list[NamedTask]
    removed: list[NamedTask]
