"""What clients send and get."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import ExternalRef, Money
from crm_contracts.sales.v1 import OpportunityStage
from crm_platform.http.fields import Day, ExternalRefList, LongText, Name, Price, ShortText, absent


class OpportunityFields(BaseModel):
    """Everything about an open opportunity that a client may set; all optional."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID | None = Field(
        default=None, description="Not verified at once: `customer_known` tells whether the customer has arrived here."
    )
    product_id: UUID | None = None
    product_code: ShortText | None = Field(default=None, description="Names the product instead of `product_id`.")
    value: Price | None = Field(default=None, description="What the deal is or would be worth.")
    expected_close_on: Day | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    external_refs: ExternalRefList = ()


class OpportunityCreate(OpportunityFields):
    """A new opportunity; it begins in the stage `prospecting`."""

    name: Name


class OpportunityUpdate(OpportunityFields):
    """Changes of an open opportunity (RFC 7396 merge patch): what is absent stays, null empties."""

    name: Name = Field(default_factory=absent)
    engaged_on: Day = Field(default_factory=absent, description="Corrects the day on which talks began.")
    external_refs: ExternalRefList = Field(default_factory=absent)


class OpportunityItem(OpportunityCreate):
    """An opportunity to be taken over from elsewhere, as far as it has come there.

    `engaging` needs `engaged_on`; `won` and `lost` need `engaged_on` and `closed_on`. In `upsert`, external ids that
    are not named here are kept, and a won or lost opportunity is left alone as long as nothing differs.
    """

    stage: OpportunityStage | None = Field(
        default=None, description="Absent: `prospecting` for a new opportunity, no change for a known one."
    )
    engaged_on: Day | None = None
    closed_on: Day | None = None
    lost_reason: LongText | None = None


class Engagement(BaseModel):
    """The beginning of talks."""

    model_config = ConfigDict(extra="forbid")

    engaged_on: Day
    reason: LongText | None = None


class Win(BaseModel):
    """The customer bought."""

    model_config = ConfigDict(extra="forbid")

    closed_on: Day
    value: Price | None = Field(default=None, description="What it was sold for; absent: the value that is known.")
    reason: LongText | None = None


class Loss(BaseModel):
    """The customer will not buy."""

    model_config = ConfigDict(extra="forbid")

    closed_on: Day
    reason: LongText | None = Field(default=None, description="Kept as `lost_reason`.")


class OpportunityRead(BaseModel):
    """An opportunity."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    name: str
    customer_id: UUID | None
    product_id: UUID | None
    stage: OpportunityStage
    value: Money | None
    engaged_on: date | None
    expected_close_on: date | None
    closed_on: date | None
    lost_reason: str | None
    external_refs: list[ExternalRef]
    customer_known: bool = Field(description="Whether the customer's data has arrived in sales.")
