"""What clients send and get."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.closing.v1 import ClosingReportStatus, CriterionFinding, Signature, SuccessVerdict
from crm_platform.http.fields import NUMERIC, LongText


class ClosingFormat(StrEnum):
    """As what a closing report comes."""

    HTML = "html"
    PDF = "pdf"
    JSON = "json"


class VerdictGiven(BaseModel):
    """What was found about a success criterion of the charter."""

    model_config = ConfigDict(extra="forbid")

    criterion: Annotated[int, Field(ge=1, le=100), NUMERIC] = Field(description="Its place in the charter, from 1.")
    finding: CriterionFinding
    comment: LongText | None = None


class ClosingReportCreate(BaseModel):
    """What people say of a project that is over; all else is taken from what is on record."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    summary: LongText
    verdicts: Annotated[tuple[VerdictGiven, ...], Field(max_length=100)] = Field(
        default=(), description="One for each success criterion of the charter."
    )
    signer_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=20)] = Field(
        description="Users who have to sign; none of them draws it up."
    )


class Signing(BaseModel):
    """What somebody adds to a signature."""

    model_config = ConfigDict(extra="forbid")

    comment: LongText | None = None


class Refusal(BaseModel):
    """Why somebody does not sign."""

    model_config = ConfigDict(extra="forbid")

    comment: LongText


class ClosingReportRead(BaseModel):
    """A closing report; what it says is its document."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    number: int
    summary: str
    verdicts: list[SuccessVerdict]
    signatures: list[Signature]
    status: ClosingReportStatus
    made_at: datetime
    content_sha256: str = Field(description="Of its document as JSON: what exactly was signed.")
    issued_at: datetime | None
