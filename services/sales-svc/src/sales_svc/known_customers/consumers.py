"""What other services tell us of customers."""

from crm_contracts.customer.v1 import CustomerEvent
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from sales_svc.known_customers import service


async def on_customers(unit: UnitOfWork, events: list[tuple[CustomerEvent, Record]]) -> None:
    """Customers were entered, changed or removed."""
    await service.follow(unit, [event for event, _ in events])
