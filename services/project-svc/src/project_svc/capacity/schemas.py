"""What clients get; hours have two decimal places."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from crm_contracts.plan.v1 import ResourceKind
from project_svc.capacity.domain import Unit


class Axis(StrEnum):
    """What a row is about."""

    RESOURCE = "resource"
    SKILL = "skill"
    TEAM = "team"


class ImageFormat(StrEnum):
    """As what a chart is drawn."""

    SVG = "svg"
    PNG = "png"


class PeriodRead(BaseModel):
    """A week, or a month."""

    starts_on: date
    ends_on: date


class CauseRead(BaseModel):
    """A task that needs somebody who is overloaded."""

    project_id: UUID
    project_name: str
    task_id: UUID
    task_name: str | None
    hours: float


class CellRead(BaseModel):
    """A resource, or all who have a skill or are in a team, in one period; hours."""

    capacity: float = Field(description="Working time by the own calendar, times how much of the resource there is.")
    demand: float = Field(description="What the schedules of projects need that are planned or under way.")
    booked: float | None = Field(description="By timesheets that are submitted or approved; null for who has none.")
    over: float = Field(description="Demand beyond capacity; of a skill or team, that of each of its people.")
    people_over: int = Field(description="Of how many resources more is needed than there is.")
    causes: list[CauseRead] = Field(
        description="Of an overload of one resource: the tasks, most hours first; 20 at most."
    )
    hidden: float = Field(description="Hours of an overload that are needed by projects which the caller may not see.")


class RowRead(BaseModel):
    """A resource, a skill or a team, period by period."""

    resource_id: UUID | None = Field(description="Null of a skill or team.")
    team_id: UUID | None = Field(description="The team of the person as a user, or that of the row; null without one.")
    name: str | None = Field(
        description="Of the resource, the skill or the team; null for those who have none, and of an unknown team."
    )
    kind: ResourceKind | None
    skills: list[str]
    resources: int
    cells: list[CellRead] = Field(description="One for each period.")


class CapacityRead(BaseModel):
    """People and machines over time. A week that a range begins or ends in is there as a whole; so is a month."""

    unit: Unit
    by: Axis
    periods: list[PeriodRead]
    rows: list[RowRead] = Field(description="By name.")
    people_over: int = Field(description="How many people are overloaded in some period.")
    hours_over: float = Field(description="By how many hours together.")
    is_current: bool = Field(description="Whether all projects have been looked at since they changed lately.")
    truncated: bool = Field(description="Whether there are more; the first 500 are here.")
