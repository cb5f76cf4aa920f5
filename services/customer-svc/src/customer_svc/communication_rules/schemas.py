"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from crm_contracts.communication.v1 import CommunicationKind
from crm_platform.http.fields import absent

SealContents = Annotated[
    StrictBool,
    Field(
        description="Whether subject, content and outcome are encrypted at rest under the customer's key, so that an"
        " erasure destroys them everywhere. They are then not found by `q`, and filters see them empty."
    ),
]


class CommunicationRuleCreate(BaseModel):
    """A new rule."""

    model_config = ConfigDict(extra="forbid")

    kind: CommunicationKind | None = Field(
        default=None, description="Which communications; null for those whose kind has no rule of its own."
    )
    seal_contents: SealContents


class CommunicationRuleUpdate(BaseModel):
    """Changes of a rule (RFC 7396 merge patch)."""

    model_config = ConfigDict(extra="forbid")

    seal_contents: SealContents = Field(default_factory=absent)


class CommunicationRuleRead(BaseModel):
    """A rule."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    kind: CommunicationKind | None
    seal_contents: bool
