"""What the ERP system tells us of orders."""

from crm_contracts.inbound.v1 import ErpPaymentReceived
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from sales_svc.orders import service
from sales_svc.orders.service import Payment

ERP = "erp"
"""How the ERP system is called in external ids and payments."""


async def on_payment(unit: UnitOfWork, event: ErpPaymentReceived, _: Record) -> None:
    """Money arrived for an order; what cannot be set against one is put aside with the reason, nothing waits for it."""
    payment = Payment(
        system=ERP,
        payment_id=event.payment_id,
        order_id=event.order_id,
        amount=event.amount,
        received_on=event.received_on,
    )
    await service.receive_payment(unit, payment)
