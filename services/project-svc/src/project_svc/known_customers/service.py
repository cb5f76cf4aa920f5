"""Keeping and using the local copy of the customers."""

from collections.abc import Iterable
from uuid import UUID

from crm_contracts.customer.v1 import CustomerSnapshot
from crm_platform.uow import UnitOfWork
from project_svc.known_customers import repository


async def remember(unit: UnitOfWork, told: Iterable[tuple[CustomerSnapshot, bool]]) -> None:
    """Take over the states of customers, with whether they are gone; of several of one customer the newest."""
    newest: dict[UUID, tuple[CustomerSnapshot, bool]] = {}
    for state, gone in told:
        if state.id not in newest or newest[state.id][0].version < state.version:
            newest[state.id] = (state, gone)
    rows = [(state.id, state.version, None if gone else state.name) for state, gone in newest.values()]
    await repository.put(unit.connection, rows)


async def name_of(unit: UnitOfWork, customer_id: UUID) -> str | None:
    """The customer's name; None where this service has not heard of such a customer, or it is gone."""
    return await repository.name_of(unit.connection, customer_id)
