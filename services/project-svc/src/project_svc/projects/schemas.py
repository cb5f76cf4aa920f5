"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import Money
from crm_contracts.project.v1 import ProjectStatus
from crm_platform.http.fields import Day, EnteredMoney, LongText, Name, ShortText, absent

Points = Annotated[tuple[LongText, ...], Field(max_length=100)]
People = Annotated[tuple[UUID, ...], Field(max_length=500)]


class ProjectUpdate(BaseModel):
    """Changes of a project (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    starts_on: Day = Field(default_factory=absent)
    due_on: Day = Field(default_factory=absent)
    budget: EnteredMoney | None = None
    objectives: Points = Field(default_factory=absent)
    scope_in: Points = Field(default_factory=absent)
    scope_out: Points = Field(default_factory=absent)
    success_criteria: Points = Field(default_factory=absent)
    manager_id: UUID | None = Field(default=None, description="The user who answers for it.")
    member_ids: People = Field(default_factory=absent, description="Users who work on it.")
    contract_reference: ShortText | None = None


class ProjectRead(BaseModel):
    """A project."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    name: str
    customer_id: UUID
    opportunity_id: UUID | None
    template: str | None
    status: ProjectStatus
    starts_on: date
    due_on: date
    budget: Money | None
    risk_threshold: int
    approved_by: str | None
    completed_at: datetime | None
    objectives: list[str]
    scope_in: list[str]
    scope_out: list[str]
    success_criteria: list[str]
    manager_id: UUID | None
    member_ids: list[UUID]
    contract_reference: str | None
    template_id: UUID | None = Field(description="The edition of the company's template that it was opened from.")
    template_edition: int | None
    contract_id: UUID | None = Field(description="The signed contract that it delivers.")
