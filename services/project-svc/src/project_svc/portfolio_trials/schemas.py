"""What clients send, and the result of the operation that answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import CurrencyCode, DecimalString
from crm_platform.http.fields import NUMERIC, Day, Tag
from project_svc.portfolio_trials.domain import MOST_STARTS, MOST_WEEKS, Priority
from project_svc.project_templates.service import PreviewUnassigned, TemplateCode

Hours = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]


class SkillDemand(BaseModel):
    """Work that somebody with a skill would have to do."""

    model_config = ConfigDict(extra="forbid")

    skill: Tag
    hours: Annotated[tuple[Hours, ...], Field(min_length=1, max_length=MOST_WEEKS)] = Field(
        description="Of each week, from the first on."
    )


class WhatIf(BaseModel):
    """A project that might be taken on: one that is a draft or on hold, one of a template, or what it would need."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID | None = None
    template: TemplateCode | None = Field(
        default=None, description="Code of a template that is published: a project of it is tried on each of the days."
    )
    demands: Annotated[tuple[SkillDemand, ...], Field(max_length=50)] = ()
    starts_on: Annotated[tuple[Day, ...], Field(min_length=1, max_length=MOST_STARTS)] = Field(
        description="Days on which it could start; each is tried."
    )
    search_weeks: Annotated[int, Field(ge=0, le=MOST_WEEKS), NUMERIC] = Field(
        default=26, description="For so many weeks behind the first of these days a start is searched at which it fits."
    )
    priority: Priority = Field(
        default=Priority.LAST, description="Of its work among that of the others, which go by their due dates."
    )


class Overload(BaseModel):
    """A week in which the project would want more than is left; hours."""

    week: date = Field(description="Its Monday.")
    resource_id: UUID | None = Field(description="Null of a skill.")
    name: str = Field(description="Of the resource, or the skill.")
    capacity: float
    committed: float = Field(description="What the other projects need.")
    wanted: float
    over: float


class Moved(BaseModel):
    """Another project that would end at another time, both levelled."""

    project_id: UUID
    name: str | None = Field(description="Null of a project that may not be seen.")
    before: datetime
    after: datetime


class Delay(BaseModel):
    """Why levelling has a task wait, which without the project would not."""

    project_id: UUID
    project_name: str | None
    task_id: UUID | None
    task_name: str | None
    resource_id: UUID
    resource_name: str
    since: datetime
    until: datetime
    holders: list[str] = Field(description="Names of the tasks that hold the resource, of projects that may be seen.")


class CashMonth(BaseModel):
    """What the projects that share people cost in a month, without and with the project, both levelled."""

    month: date = Field(description="Its first day.")
    currency: CurrencyCode
    without: DecimalString
    with_project: DecimalString


class Levelled(BaseModel):
    """All projects that share people, levelled together by priority."""

    starts_at: datetime = Field(description="Of the project.")
    finishes_at: datetime
    moved: list[Moved]
    delays: list[Delay]
    cash: list[CashMonth]


class Option(BaseModel):
    """The project with one start."""

    starts_on: date
    finishes_on: date = Field(description="By its own schedule, as if everybody were free.")
    fits: bool = Field(description="Whether nobody is overloaded by it.")
    overloads: list[Overload]
    levelled: Levelled | None = Field(description="Null where only skills are known.")


class WhatIfResult(BaseModel):
    """What it would come to. Lists have 200 entries at most."""

    options: list[Option]
    fits_on: date | None = Field(description="The first start found at which nobody is overloaded.")
    searched_until: date
    impossible: list[str] = Field(
        description="Tasks that need more of a resource than there will ever be; they are not levelled."
    )
    unassigned: list[PreviewUnassigned] = Field(
        description="Tasks of the template that nobody was found for: of these nobody is overloaded."
    )
