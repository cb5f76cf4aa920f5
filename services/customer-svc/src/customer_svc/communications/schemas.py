"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.base import ExternalRef
from crm_contracts.customer.v1 import CommunicationKind
from crm_platform.http.fields import NUMERIC, Moment, ShortText, absent

Participants = Annotated[tuple[ShortText, ...], Field(max_length=200)]
Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class CommunicationFields(BaseModel):
    """Everything about a communication that may be corrected later."""

    model_config = ConfigDict(extra="forbid")

    content: Annotated[str, StringConstraints(max_length=100_000)] | None = None
    duration_minutes: Annotated[int, Field(ge=0, le=100_000), NUMERIC] | None = None
    participants: Participants = ()
    owner_id: UUID | None = None
    team_id: UUID | None = None


class CommunicationCreate(CommunicationFields):
    """A communication to put on record."""

    customer_id: UUID
    kind: CommunicationKind
    subject: Subject
    happened_at: Moment


class CommunicationUpdate(CommunicationFields):
    """Corrections (RFC 7396 merge patch): what is absent stays, null empties."""

    kind: CommunicationKind = Field(default_factory=absent)
    subject: Subject = Field(default_factory=absent)
    happened_at: Moment = Field(default_factory=absent)
    participants: Participants = Field(default_factory=absent)


class CommunicationRead(BaseModel):
    """A recorded communication."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    customer_id: UUID
    kind: CommunicationKind
    subject: str
    content: str | None
    happened_at: datetime
    duration_minutes: int | None
    participants: list[str]
    external_refs: list[ExternalRef]
