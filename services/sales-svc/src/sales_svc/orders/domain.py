"""Rules of orders: totals, and when an order is paid."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.sales.v1 import OrderStatus
from crm_platform.aggregate import OwnedState
from crm_platform.words import Words
from sales_svc.orders.errors import NothingPaid, OtherCurrency

NOUN = Words("order", "订单")


@dataclass(frozen=True, slots=True)
class Sale:
    """A won opportunity, as far as its order is concerned."""

    opportunity_id: UUID
    customer_id: UUID
    product_id: UUID | None
    closed_on: date
    value: Money
    owner_id: UUID | None
    team_id: UUID | None


class Order(OwnedState):
    """What a customer bought; ``paid`` is the sum of its payments and may exceed ``total``."""

    number: str
    opportunity_id: UUID
    customer_id: UUID
    product_id: UUID | None
    ordered_on: date
    total: Money
    paid: Money
    status: OrderStatus
    paid_at: datetime | None = None

    @classmethod
    def of(cls, sale: Sale, *, id: UUID, number: str, at: datetime) -> Self:
        """The order that ``sale`` leads to; one over nothing is paid at once."""
        nothing = Money(amount=sale.value.amount * 0, currency=sale.value.currency)
        free = sale.value.amount == 0
        return cls(
            id=id,
            number=number,
            opportunity_id=sale.opportunity_id,
            customer_id=sale.customer_id,
            product_id=sale.product_id,
            ordered_on=sale.closed_on,
            total=sale.value,
            paid=nothing,
            status=OrderStatus.PAID if free else OrderStatus.OPEN,
            paid_at=at if free else None,
            owner_id=sale.owner_id,
            team_id=sale.team_id,
        )

    def after_payment(self, amount: Money, at: datetime) -> Self:
        """The order once ``amount`` has arrived. More than it costs is kept too: the money is there.

        Raises:
            NothingPaid: The amount is zero or less.
            OtherCurrency: It is not the order's.
        """
        if amount.amount <= 0:
            raise NothingPaid(amount=f"{amount.amount:f} {amount.currency}")
        if amount.currency != self.total.currency:
            raise OtherCurrency(expected=self.total.currency, sent=amount.currency)
        paid = Money(amount=self.paid.amount + amount.amount, currency=self.paid.currency)
        if paid.amount < self.total.amount:
            return self.with_(paid=paid, status=OrderStatus.PARTLY_PAID)
        return self.with_(paid=paid, status=OrderStatus.PAID, paid_at=self.paid_at or at)
