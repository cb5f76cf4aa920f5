"""What clients send and get."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.privacy.v1 import (
    ErasureBasis,
    ErasurePart,
    ErasureRequester,
    ErasureStatus,
    Hold,
    SubjectKind,
)
from crm_platform.http.fields import ShortText


class ErasureCreate(BaseModel):
    """A request to erase a person."""

    model_config = ConfigDict(extra="forbid")

    subject_kind: SubjectKind
    subject_id: UUID
    basis: ErasureBasis
    requester: ErasureRequester = ErasureRequester.SUBJECT
    reference: ShortText | None = Field(
        default=None, description="Of the request, such as the number of a letter; no personal data, as it is kept."
    )


class ErasureRead(BaseModel):
    """An erasure, and how far it is."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    subject_kind: SubjectKind
    subject_id: UUID
    basis: ErasureBasis
    requester: ErasureRequester
    reference: str | None
    status: ErasureStatus
    holds: list[Hold]
    parts: list[ErasurePart]
    deadline: datetime
    overdue: bool
    completed_at: datetime | None


class Certificate(BaseModel):
    """A certificate and what it is verified with, without asking anybody."""

    certificate: dict[str, Any] = Field(description="What was erased, and what a hold has kept, per service.")
    algorithm: str = Field(
        description="`Ed25519`, over `certificate` as JSON with sorted keys and no blanks, in UTF-8."
    )
    signature: str = Field(description="In base64.")
    public_key: str = Field(description="PEM; the same as that of the audit checkpoints of customer-svc.")
