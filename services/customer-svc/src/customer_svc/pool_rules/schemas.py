"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.customer.v1 import CustomerStatus, PoolSecret
from crm_platform.http.fields import NUMERIC, absent
from crm_platform.http.time_zones import TimeZone

Limit = Annotated[int, Field(ge=0, le=1_000_000), NUMERIC]
Days = Annotated[int, Field(ge=1, le=3650), NUMERIC]
Statuses = Annotated[tuple[CustomerStatus, ...], Field(min_length=1, max_length=4)]
Secrets = Annotated[tuple[PoolSecret, ...], Field(max_length=len(PoolSecret))]


class PoolRuleFields(BaseModel):
    """Everything about a rule that can be changed; all optional."""

    model_config = ConfigDict(extra="forbid")

    max_owned: Limit | None = Field(default=None, description="Customers that one person may own; null for no limit.")
    max_claims_per_day: Limit | None = Field(default=None, description="Of one person; null for no limit.")
    time_zone: TimeZone | None = Field(
        default=None,
        description="Where its days begin and end; where those of the company do if absent.",
    )
    return_after_days: Days | None = Field(
        default=None, description="Days without a communication after which a customer returns; null for never."
    )
    return_statuses: Statuses = Field(
        default=(CustomerStatus.PROSPECT,), description="Customers in these states return."
    )
    hidden: Secrets | None = Field(
        default=None,
        description="What is hidden of customers in the pool until somebody claims them; null for `contact_data`. "
        "Only in the rule for everybody.",
    )


class PoolRuleCreate(PoolRuleFields):
    """A new rule."""

    team_id: UUID | None = Field(
        default=None, description="Whom it is for; null for everybody whose team has no rule of its own."
    )


class PoolRuleUpdate(PoolRuleFields):
    """Changes of a rule (RFC 7396 merge patch): what is absent stays, null empties."""

    time_zone: TimeZone = Field(default_factory=absent)
    return_statuses: Statuses = Field(default_factory=absent)


class PoolRuleRead(BaseModel):
    """A rule."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    team_id: UUID | None
    max_owned: int | None
    max_claims_per_day: int | None
    time_zone: str
    return_after_days: int | None
    return_statuses: list[CustomerStatus]
    hidden: list[PoolSecret] | None
