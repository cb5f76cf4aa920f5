"""Keeping the copy of the customers, and asking it."""

from collections.abc import Sequence

from crm_contracts.customer.v1 import CustomerDeleted, CustomerEvent
from crm_platform.uow import UnitOfWork
from sales_svc.known_customers import repository

is_known = repository.is_known


async def follow(unit: UnitOfWork, events: Sequence[CustomerEvent]) -> None:
    """Bring the copy up to date with ``events``, which are in order for each customer; the last one counts."""
    last = {event.state.id: event for event in events}
    await repository.keep(
        unit.connection, [event.state for event in last.values() if not isinstance(event, CustomerDeleted)]
    )
    await repository.forget(
        unit.connection, [event.state.id for event in last.values() if isinstance(event, CustomerDeleted)]
    )
