"""Events of customers."""

from crm_contracts.customer.v1 import CustomerDeleted, CustomerEvent
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from project_svc.known_customers import service


async def on_customers(unit: UnitOfWork, events: list[tuple[CustomerEvent, Record]]) -> None:
    """Bring the local copy up to date."""
    await service.remember(unit, [(event.state, isinstance(event, CustomerDeleted)) for event, _ in events])
