"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.customer.v1 import CustomerKind
from crm_contracts.duplicate.v1 import RefuseFrom
from crm_platform.http.fields import NUMERIC, absent

Percent = Annotated[int, Field(ge=1, le=100), NUMERIC]


class DuplicateRuleFields(BaseModel):
    """Everything about a rule that can be changed; all optional."""

    model_config = ConfigDict(extra="forbid")

    likely: Percent = Field(default=95, description="Score (percent) from which on two are most likely the same.")
    possible: Percent = Field(default=50, description="Score (percent) from which on a person should look at the two.")
    refuse_from: RefuseFrom = Field(
        default=RefuseFrom.LIKELY, description="From which verdict on a customer is not entered without being asked to."
    )


class DuplicateRuleCreate(DuplicateRuleFields):
    """A new rule."""

    kind: CustomerKind | None = Field(
        default=None, description="Whom it is for; null for customers whose kind has no rule of its own."
    )


class DuplicateRuleUpdate(DuplicateRuleFields):
    """Changes of a rule (RFC 7396 merge patch): what is absent stays."""

    likely: Percent = Field(default_factory=absent)
    possible: Percent = Field(default_factory=absent)
    refuse_from: RefuseFrom = Field(default_factory=absent)


class DuplicateRuleRead(BaseModel):
    """A rule; scores in percent."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    kind: CustomerKind | None
    likely: int
    possible: int
    refuse_from: RefuseFrom
