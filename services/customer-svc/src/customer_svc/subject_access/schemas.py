"""What clients send and get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.privacy.v1 import SubjectKind
from crm_contracts.subject_access.v1 import AccessPart, AccessRequester, AccessStatus
from crm_platform.http.fields import ShortText


class SubjectAccessCreate(BaseModel):
    """A request for all that is known of a person."""

    model_config = ConfigDict(extra="forbid")

    subject_kind: SubjectKind
    subject_id: UUID
    requester: AccessRequester = AccessRequester.SUBJECT
    reference: ShortText | None = Field(
        default=None, description="Of the request, such as the number of a letter; no personal data, as it is kept."
    )


class SubjectAccessRead(BaseModel):
    """A request, and how far it is."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    subject_kind: SubjectKind
    subject_id: UUID
    requester: AccessRequester
    reference: str | None
    status: AccessStatus
    parts: list[AccessPart] = Field(description="By service; those without `done_at` have not answered.")
    asked_at: datetime = Field(description="When the services were asked last.")
    overdue: bool = Field(description="Whether a service had to be asked again.")
    ready_at: datetime | None
    expires_at: datetime = Field(description="When what was collected is destroyed.")
    answer_key: str = Field(description="The X25519 key to which services seal their answers.")
