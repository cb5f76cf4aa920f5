"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.privacy.v1 import ConsentSource, ConsentStatus, ContactMeans, Evidence, SubjectKind
from crm_platform.http.fields import NUMERIC, LongText, Moment, ShortText
from customer_svc.consents.domain import Verdict

Version = Annotated[int, Field(ge=1, le=1_000_000), NUMERIC]
Subjects = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=1000)]


class EvidenceGiven(BaseModel):
    """What shows that a person has said so; kept encrypted."""

    model_config = ConfigDict(extra="forbid")

    document: LongText | None = Field(default=None, description="Where the form, record or message is kept.")
    note: LongText | None = None


class Said(BaseModel):
    """How and when a person has said something."""

    model_config = ConfigDict(extra="forbid")

    source: ConsentSource
    said_at: Moment | None = Field(default=None, description="Now, unless given.")
    evidence: EvidenceGiven | None = None


class ConsentCreate(Said):
    """A person has agreed."""

    subject_kind: SubjectKind
    subject_id: UUID
    purpose: ShortText = Field(description="The code of the purpose.")
    channel: ContactMeans
    text_version: Version | None = Field(default=None, description="The present text, unless given.")
    expires_at: Moment | None = Field(default=None, description="As the purpose says, unless given.")


class Objection(Said):
    """A person does not want to be turned to for a purpose, whether or not it has ever agreed."""

    subject_kind: SubjectKind
    subject_id: UUID
    purpose: ShortText
    channel: ContactMeans


class ConsentRead(BaseModel):
    """What one person has said about one purpose and channel."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    subject_kind: SubjectKind
    subject_id: UUID
    purpose: str
    channel: ContactMeans
    status: ConsentStatus
    source: ConsentSource
    text_version: int | None
    said_at: datetime
    expires_at: datetime | None
    evidence: Evidence | None
    erased_at: datetime | None


class MayContact(BaseModel):
    """Whether a person may be turned to."""

    subject: UUID
    moved_to: UUID | None = Field(description="Whose word it is, where the person asked about was merged into another.")
    allowed: bool
    reason: Verdict
    message: str = Field(description="The reason in words.")
    consent_id: UUID | None
    until: datetime | None = Field(description="When the consent expires.")


class MayContactMany(BaseModel):
    """Several people, one purpose and channel."""

    model_config = ConfigDict(extra="forbid")

    subjects: Subjects
    purpose: ShortText
    channel: ContactMeans


class MayContactList(BaseModel):
    """An answer for each person, in the order of the question."""

    items: list[MayContact]
