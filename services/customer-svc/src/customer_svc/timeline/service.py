"""Use cases of the timeline."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.customer.v1 import CustomerDeleted
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.merged_customers import service as merged_customers
from customer_svc.timeline import repository
from customer_svc.timeline.domain import SCOPES, entry_of, follows_state, source_of

Told = Sequence[tuple[DomainEvent[Any], Record]]


async def take_in(unit: UnitOfWork, events: Told) -> None:
    """Put down what events of one kind of records tell, and give entries to whom the records belong now.

    Told again they change nothing. A snapshot adds an entry only where nothing is known of its record yet.
    """
    connection = unit.connection
    snapshots = [event.state.id for event, record in events if record.snapshot and not follows_state(event)]
    known = await repository.known(connection, snapshots) if snapshots else set()
    found = [
        entry_of(event, snapshot=record.snapshot)
        for event, record in events
        if not (record.snapshot and event.state.id in known)
    ]
    await repository.add(connection, [entry for entry in found if entry is not None])
    last = {event.state.id: source_of(event) for event, _ in events}
    await repository.follow(connection, list(last.values()))
    gone = [event.state.id for event, _ in events if isinstance(event, CustomerDeleted)]
    for id in gone:
        await _leave(connection, id)


async def _leave(connection: Connection, id: UUID) -> None:
    """Drop the timeline of a customer that is no more; if it was merged into another, what happened goes along.

    Entries about other records follow these by their own events, there and back; those about the customer itself come
    back with it.
    """
    survivor_id = await merged_customers.survivor_of(connection, id)
    if survivor_id is None:
        await repository.forget(connection, id)
    else:
        await repository.hand_over(connection, id, survivor_id)


def readable_kinds(caller: Caller) -> list[str]:
    """The kinds of entries that ``caller`` may see: those whose records are in the caller's scopes."""
    return [kind.value for kind, scope in SCOPES.items() if caller.may(scope)]
