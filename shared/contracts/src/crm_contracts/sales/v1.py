"""Events of sales-svc, major version 1."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import DomainEvent, ExternalRef, Money, OwnedSnapshot, Snapshot


class ProductSnapshot(Snapshot):
    """State of a product."""

    code: str
    name: str
    series: str | None
    list_price: Money
    active: bool


class ProductEvent(DomainEvent[ProductSnapshot]):
    """Base of the product events."""

    topic = "crm.product.v1"
    aggregate_type = "product"


class ProductCreated(ProductEvent):
    """A product entered the catalogue."""

    type = "product.created"


class ProductUpdated(ProductEvent):
    """A product's description, price or availability changed."""

    type = "product.updated"


class OpportunityStage(StrEnum):
    """How far a deal has come."""

    PROSPECTING = "prospecting"
    ENGAGING = "engaging"
    WON = "won"
    LOST = "lost"


class OpportunitySnapshot(OwnedSnapshot):
    """State of an opportunity."""

    name: str
    customer_id: UUID | None
    product_id: UUID | None
    stage: OpportunityStage
    value: Money | None
    engaged_on: date | None
    expected_close_on: date | None
    closed_on: date | None
    lost_reason: str | None
    external_refs: tuple[ExternalRef, ...]


class OpportunityEvent(DomainEvent[OpportunitySnapshot]):
    """Base of the opportunity events."""

    topic = "crm.opportunity.v1"
    aggregate_type = "opportunity"


class OpportunityCreated(OpportunityEvent):
    """A deal was entered, in an open stage."""

    type = "opportunity.created"


class OpportunityUpdated(OpportunityEvent):
    """Fields of a deal changed, but not its stage."""

    type = "opportunity.updated"


class OpportunityEngaged(OpportunityEvent):
    """Talks with the customer began."""

    type = "opportunity.engaged"


class OpportunityWon(OpportunityEvent):
    """The customer bought."""

    type = "opportunity.won"


class OpportunityLost(OpportunityEvent):
    """The deal came to nothing."""

    type = "opportunity.lost"


class OrderStatus(StrEnum):
    """How far an order is paid."""

    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"


class OrderSnapshot(OwnedSnapshot):
    """State of an order; `paid` is the sum of its payments."""

    number: str
    opportunity_id: UUID
    customer_id: UUID
    product_id: UUID | None
    ordered_on: date
    total: Money
    paid: Money
    status: OrderStatus
    paid_at: datetime | None


class OrderEvent(DomainEvent[OrderSnapshot]):
    """Base of the order events."""

    topic = "crm.order.v1"
    aggregate_type = "order"


class OrderPlaced(OrderEvent):
    """A won opportunity became an order."""

    type = "order.placed"


class OrderPaymentReceived(OrderEvent):
    """A payment arrived that did not complete the order: a part of it, or more than it costs."""

    type = "order.payment_received"


class OrderPaid(OrderEvent):
    """The order is fully paid."""

    type = "order.paid"


class OrderMoved(OrderEvent):
    """The customer whom it is about was merged into another, or such a merge was undone."""

    type = "order.moved"


class ContractStatus(StrEnum):
    """How far a contract has come."""

    DRAFT = "draft"
    APPROVED = "approved"
    SIGNED = "signed"
    FULFILLED = "fulfilled"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"


class ContractSnapshot(OwnedSnapshot):
    """State of a contract with a customer."""

    number: str = Field(description="Ours; without gaps in a year.")
    title: str
    customer_id: UUID
    opportunity_id: UUID | None = Field(description="The opportunity that led to it.")
    status: ContractStatus
    value: Money | None = Field(description="What it is worth; there from the signature on, and never changed then.")
    valid_from: date | None
    valid_until: date | None = Field(description="Its last day; null for as long as nobody ends it.")
    our_signatory_id: UUID | None = Field(description="The user who signs for us.")
    customer_signatory_id: UUID | None = Field(description="The contact who signs for the customer.")
    description: str | None
    drafted_by: str = Field(description="Who wrote its terms as they stand.")
    approved_by: str | None
    signed_on: date | None
    ended_on: date | None = Field(description="When it was fulfilled, terminated or given up.")
    end_reason: str | None
    external_refs: tuple[ExternalRef, ...]


class ContractEvent(DomainEvent[ContractSnapshot]):
    """Base of the contract events."""

    topic = "crm.contract.v1"
    aggregate_type = "contract"


class ContractCreated(ContractEvent):
    """A contract was drafted."""

    type = "contract.created"


class ContractUpdated(ContractEvent):
    """Fields of a contract changed, but not its status."""

    type = "contract.updated"


class ContractApproved(ContractEvent):
    """Somebody else than its author agreed to the terms of a contract."""

    type = "contract.approved"


class ContractReturned(ContractEvent):
    """An approved contract is a draft again, to be changed."""

    type = "contract.returned"


class ContractSigned(ContractEvent):
    """Both sides have signed a contract."""

    type = "contract.signed"


class ContractFulfilled(ContractEvent):
    """Both sides have done what a contract asks."""

    type = "contract.fulfilled"


class ContractTerminated(ContractEvent):
    """A signed contract was ended before it was fulfilled."""

    type = "contract.terminated"


class ContractCancelled(ContractEvent):
    """A contract was given up before anybody had signed it."""

    type = "contract.cancelled"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    ProductCreated,
    ProductUpdated,
    OpportunityCreated,
    OpportunityUpdated,
    OpportunityEngaged,
    OpportunityWon,
    OpportunityLost,
    OrderPlaced,
    OrderPaymentReceived,
    OrderPaid,
    OrderMoved,
    ContractCreated,
    ContractUpdated,
    ContractApproved,
    ContractReturned,
    ContractSigned,
    ContractFulfilled,
    ContractTerminated,
    ContractCancelled,
)
