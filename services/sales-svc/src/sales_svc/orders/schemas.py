"""What clients send and get."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import Money
from crm_contracts.sales.v1 import OrderStatus
from crm_platform.http.fields import Day, ShortText, Sum


class OrderRead(BaseModel):
    """An order."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    number: str
    opportunity_id: UUID
    customer_id: UUID
    product_id: UUID | None
    ordered_on: date
    total: Money
    paid: Money = Field(description="Sum of the payments; more than `total` where the customer paid too much.")
    status: OrderStatus
    paid_at: datetime | None = Field(description="When the payment that completed the order was recorded.")


class PaymentCreate(BaseModel):
    """Money that has arrived for an order."""

    model_config = ConfigDict(extra="forbid")

    payment_id: ShortText = Field(description="The payment's number in the system that reports it; counts once.")
    amount: Sum
    received_on: Day


class PaymentRead(BaseModel):
    """A payment on record."""

    id: UUID
    order_id: UUID
    system: str = Field(description="The system that reported the payment.")
    payment_id: str
    received_on: date
    recorded_at: datetime
    recorded_by: str
    amount: Money
