"""Use cases of orders; endpoints, consumers and the opportunities call the same functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from crm_contracts.base import Money
from crm_contracts.sales.v1 import OrderPaid, OrderPaymentReceived, OrderPlaced, OrderStatus
from crm_platform.errors import NotFound
from crm_platform.ids import new_id
from crm_platform.uow import UnitOfWork
from sales_svc.orders import repository
from sales_svc.orders.domain import NOUN, Order, Sale
from sales_svc.orders.errors import PaymentIdTaken
from sales_svc.orders.models import ORDER_NUMBERS, ORDERS

__all__ = ["Payment", "Sale", "place_orders", "receive_payment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that has arrived, as the reporting system tells it."""

    system: str
    payment_id: str
    order_id: UUID
    amount: Money
    received_on: date


async def place_orders(unit: UnitOfWork, sales: Sequence[Sale]) -> list[Order]:
    """Turn won opportunities into orders, in the transaction in which they are won.

    The numbers of a year have no gaps: whoever needs one next waits for this transaction.
    """
    numbers = await ORDER_NUMBERS.take(unit.connection, [sale.closed_on.year for sale in sales])
    placed = [
        Order.of(sale, id=new_id(), number=number, at=unit.now) for sale, number in zip(sales, numbers, strict=True)
    ]
    return await unit.insert_many(ORDERS, placed, OrderPlaced)


async def receive_payment(unit: UnitOfWork, payment: Payment) -> tuple[bytes, bool]:
    """Set a payment against its order, once: the same payment again has no effect.

    Returns:
        The payment as JSON, and whether it is new.

    Raises:
        NotFound: No such order, or not visible.
        NothingPaid: The amount is zero or less.
        OtherCurrency: The order is in another currency.
        PaymentIdTaken: The system has reported another payment under the same number.
    """
    before = await unit.find(ORDERS, payment.order_id)
    if before is None:
        raise NotFound(what=NOUN, id=payment.order_id)
    known = await _known(unit, payment)
    if known is not None:
        return known, False
    after = before.after_payment(payment.amount, unit.now)
    body = await _put_on_record(unit, payment)
    completes = after.status is OrderStatus.PAID and before.status is not OrderStatus.PAID
    reason = f"payment {payment.payment_id} of {payment.system}"
    await unit.update(ORDERS, before, after, OrderPaid if completes else OrderPaymentReceived, reason=reason)
    return body, True


async def _known(unit: UnitOfWork, payment: Payment) -> bytes | None:
    row = await repository.find_payment(unit.connection, system=payment.system, payment_id=payment.payment_id)
    if row is None:
        return None
    on_record = Payment(
        system=payment.system,
        payment_id=payment.payment_id,
        order_id=row["order_id"],
        amount=Money(amount=row["amount_amount"], currency=row["amount_currency"]),
        received_on=row["received_on"],
    )
    if on_record != payment:
        raise PaymentIdTaken(system=payment.system, payment_id=payment.payment_id)
    body: str = row["json"]
    return body.encode()


async def _put_on_record(unit: UnitOfWork, payment: Payment) -> bytes:
    values = {
        "id": new_id(),
        "order_id": payment.order_id,
        "system": payment.system,
        "payment_id": payment.payment_id,
        "amount_amount": payment.amount.amount,
        "amount_currency": payment.amount.currency,
        "received_on": payment.received_on,
        "recorded_at": unit.now,
        "recorded_by": unit.cause.actor,
    }
    try:
        return await repository.add_payment(unit.connection, values)
    except asyncpg.UniqueViolationError as error:  # at the same moment, for another order
        raise PaymentIdTaken(system=payment.system, payment_id=payment.payment_id) from error
