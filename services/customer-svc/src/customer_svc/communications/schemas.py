"""What clients send and get."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.base import ExternalRef
from crm_contracts.communication.v1 import (
    CommunicationChannel,
    CommunicationDirection,
    CommunicationKind,
    FollowUp,
    FollowUpStatus,
)
from crm_platform.http.fields import NUMERIC, STORABLE, LongText, Moment, ShortText, absent

Participants = Annotated[tuple[ShortText, ...], Field(max_length=200)]
Ids = Annotated[tuple[UUID, ...], Field(max_length=200)]
Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), STORABLE]


class FollowUpPlan(BaseModel):
    """What comes next: when, who, and what."""

    model_config = ConfigDict(extra="forbid")

    due_at: Moment
    subject: Subject
    assignee_id: UUID | None = Field(default=None, description="Who does it; by default the owner of the record.")
    remind_minutes_before: Annotated[int, Field(ge=0, le=43_200), NUMERIC] = Field(
        default=0, description="How long before it is due `communication.follow_up_due` is published."
    )

    @property
    def notice(self) -> timedelta:
        """How long before it is due somebody is reminded."""
        return timedelta(minutes=self.remind_minutes_before)


class CommunicationFields(BaseModel):
    """Everything about a communication that may be corrected later."""

    model_config = ConfigDict(extra="forbid")

    channel: CommunicationChannel | None = None
    direction: CommunicationDirection | None = None
    content: Annotated[str, StringConstraints(max_length=100_000), STORABLE] | None = None
    duration_minutes: Annotated[int, Field(ge=0, le=100_000), NUMERIC] | None = None
    participants: Participants = Field(default=(), description="Names of those who are neither users nor contacts.")
    participant_user_ids: Ids = ()
    participant_contact_ids: Ids = ()
    outcome: LongText | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None


class CommunicationCreate(CommunicationFields):
    """A communication to put on record."""

    customer_id: UUID
    kind: CommunicationKind
    subject: Subject
    happened_at: Moment
    follow_up: FollowUpPlan | None = None


class CommunicationUpdate(CommunicationFields):
    """Corrections (RFC 7396 merge patch): what is absent stays, null empties."""

    kind: CommunicationKind = Field(default_factory=absent)
    subject: Subject = Field(default_factory=absent)
    happened_at: Moment = Field(default_factory=absent)
    participants: Participants = Field(default_factory=absent)
    participant_user_ids: Ids = Field(default_factory=absent)
    participant_contact_ids: Ids = Field(default_factory=absent)


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
    channel: CommunicationChannel | None
    direction: CommunicationDirection | None
    subject: str
    content: str | None
    happened_at: datetime
    duration_minutes: int | None
    participants: list[str]
    participant_user_ids: list[UUID]
    participant_contact_ids: list[UUID]
    outcome: str | None
    follow_up: FollowUp | None
    external_refs: list[ExternalRef]
    contents_sealed: bool = Field(
        description="Whether subject, content and outcome are encrypted at rest, by `communication-rules`."
    )
    erased_at: datetime | None = Field(description="Since when the customer's personal data is erased.")


class FollowUpRead(BaseModel):
    """What comes next after a communication, whose id and version it has."""

    id: UUID
    version: int
    customer_id: UUID
    communication_subject: str
    due_at: datetime
    assignee_id: UUID | None
    subject: str
    status: FollowUpStatus
    remind_at: datetime
    reminded_at: datetime | None
    settled_at: datetime | None
    settled_by: str | None
    overdue: bool = Field(description="It is open, and its time has passed.")
