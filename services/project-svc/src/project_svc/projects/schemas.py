"""What clients send and get."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import Money
from crm_contracts.project.v1 import ProjectStatus
from crm_platform.http.fields import Day, Name, absent


class ProjectUpdate(BaseModel):
    """Changes of a project (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    starts_on: Day = Field(default_factory=absent)
    due_on: Day = Field(default_factory=absent)
    budget: Money | None = None


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
