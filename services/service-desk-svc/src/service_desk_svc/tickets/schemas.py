"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.service_desk.v1 import TicketKind, TicketPriority, TicketStatus
from crm_platform.http.fields import LongText, Name, absent

Description = Annotated[str, StringConstraints(max_length=100_000)]


class TicketCreate(BaseModel):
    """What a customer turned to us with."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID
    project_id: UUID | None = None
    kind: TicketKind
    priority: TicketPriority = TicketPriority.NORMAL
    subject: Name
    description: Description | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None


class TicketUpdate(BaseModel):
    """Changes of a ticket (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID | None = None
    kind: TicketKind = Field(default_factory=absent)
    priority: TicketPriority = Field(default_factory=absent)
    subject: Name = Field(default_factory=absent)
    description: Description | None = None
    team_id: UUID | None = None


class Assignment(BaseModel):
    """Who takes charge."""

    model_config = ConfigDict(extra="forbid")

    assignee_id: UUID


class Resolution(BaseModel):
    """How the matter was settled."""

    model_config = ConfigDict(extra="forbid")

    resolution: LongText


class TicketRead(BaseModel):
    """A ticket."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    number: str
    customer_id: UUID
    project_id: UUID | None
    kind: TicketKind
    priority: TicketPriority
    subject: str
    description: str | None
    status: TicketStatus
    in_service_period: bool
    assignee_id: UUID | None
    assigned_at: datetime | None
    resolved_at: datetime | None
    resolution: str | None
