"""What clients send and get."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import ExternalRef, Money
from crm_contracts.sales.v1 import ContractStatus
from crm_platform.http.fields import Day, ExternalRefList, LongText, Name, Price, absent

_CUSTOMER = "Not verified at once: `customer_known` tells whether the customer has arrived here."


class ContractFields(BaseModel):
    """What a client may set of a contract and leave open; all of it can wait until the signature."""

    model_config = ConfigDict(extra="forbid")

    opportunity_id: UUID | None = Field(default=None, description="That led to it; of the same customer.")
    value: Price | None = None
    valid_from: Day | None = Field(default=None, description="The day of the signature if absent then.")
    valid_until: Day | None = Field(default=None, description="Its last day; absent for as long as nobody ends it.")
    our_signatory_id: UUID | None = Field(default=None, description="The user who signs for us.")
    customer_signatory_id: UUID | None = Field(default=None, description="The contact who signs for the customer.")
    description: LongText | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    external_refs: ExternalRefList = ()


class ContractCreate(ContractFields):
    """A new contract; it begins as a draft."""

    title: Name
    customer_id: UUID = Field(description=_CUSTOMER)


class ContractUpdate(ContractFields):
    """Changes of a contract (RFC 7396 merge patch): what is absent stays, null empties.

    `description`, `owner_id`, `team_id` and `external_refs` can change at any time, all else in a draft only.
    """

    title: Name = Field(default_factory=absent)
    customer_id: UUID = Field(
        default_factory=absent,
        description=f"{_CUSTOMER} Of a contract with an opportunity, it is changed together with `opportunity_id`.",
    )
    external_refs: ExternalRefList = Field(default_factory=absent)


class Signing(BaseModel):
    """Both sides have signed."""

    model_config = ConfigDict(extra="forbid")

    signed_on: Day = Field(description="The day of the later of both signatures.")
    our_signatory_id: UUID | None = Field(default=None, description="Absent: whom the contract names.")
    customer_signatory_id: UUID | None = Field(default=None, description="Absent: whom the contract names.")
    reason: LongText | None = None


class Fulfilment(BaseModel):
    """Both sides have done what the contract asks."""

    model_config = ConfigDict(extra="forbid")

    ended_on: Day
    reason: LongText | None = Field(default=None, description="Kept as `end_reason`.")


class Termination(BaseModel):
    """The contract ends before it is fulfilled."""

    model_config = ConfigDict(extra="forbid")

    ended_on: Day
    reason: LongText = Field(description="Kept as `end_reason`.")


class ContractRead(BaseModel):
    """A contract."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    number: str
    title: str
    customer_id: UUID
    opportunity_id: UUID | None
    status: ContractStatus
    value: Money | None
    valid_from: date | None
    valid_until: date | None
    our_signatory_id: UUID | None
    customer_signatory_id: UUID | None
    description: str | None
    drafted_by: str = Field(description="Who wrote the terms as they stand; somebody else approves them.")
    approved_by: str | None
    signed_on: date | None
    ended_on: date | None
    end_reason: str | None
    external_refs: list[ExternalRef]
    customer_known: bool = Field(description="Whether the customer's data has arrived in sales.")
