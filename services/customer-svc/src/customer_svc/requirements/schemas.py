"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.requirement.v1 import RequirementKind, RequirementPriority, RequirementStatus
from crm_platform.http.fields import STORABLE, Day, LongText, Name, absent

ScopeItem = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), STORABLE]
ScopeItems = Annotated[tuple[ScopeItem, ...], Field(max_length=50)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), STORABLE]


class RequirementFields(BaseModel):
    """Everything about a requirement that can be left out or changed."""

    model_config = ConfigDict(extra="forbid")

    communication_id: UUID | None = Field(default=None, description="The communication in which it was said.")
    description: Description | None = None
    kind: RequirementKind = RequirementKind.OTHER
    in_scope: ScopeItems = Field(default=(), description="What belongs to it, one item each.")
    out_of_scope: ScopeItems = Field(default=(), description="What expressly does not.")
    priority: RequirementPriority = RequirementPriority.SHOULD
    due_on: Day | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None


class RequirementCreate(RequirementFields):
    """A requirement to put on record."""

    customer_id: UUID
    title: Name


class RequirementUpdate(RequirementFields):
    """Changes of a requirement (RFC 7396 merge patch): what is absent stays, null empties."""

    title: Name = Field(default_factory=absent)
    kind: RequirementKind = Field(default_factory=absent)
    in_scope: ScopeItems = Field(default_factory=absent)
    out_of_scope: ScopeItems = Field(default_factory=absent)
    priority: RequirementPriority = Field(default_factory=absent)


class Refusal(BaseModel):
    """Why a requirement will not be met."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText


class HandOver(BaseModel):
    """Where a requirement is to be delivered."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID | None = Field(
        default=None,
        description="A project of the customer; without it the customer's newest open project, or a new one.",
    )


class RequirementRead(BaseModel):
    """A requirement."""

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
    communication_id: UUID | None
    title: str
    description: str | None
    kind: RequirementKind
    in_scope: list[str]
    out_of_scope: list[str]
    priority: RequirementPriority
    due_on: date | None
    status: RequirementStatus
    status_reason: str | None
    hand_overs: int
    handed_over_at: datetime | None
    project_id: UUID | None
    delivery_id: UUID | None
