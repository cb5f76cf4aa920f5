"""Keeping the facts of customers in step with what is told."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.facts import repository
from customer_svc.facts.models import PROJECTIONS, fact_fields

__all__ = ["KINDS", "fact_fields", "lock", "refresh", "take_in"]

KINDS = tuple(PROJECTIONS)
"""The kinds of aggregates of other services that facts are made of."""


async def take_in(unit: UnitOfWork, kind: str, events: Sequence[tuple[DomainEvent[Any], Record]]) -> set[UUID]:
    """Keep what events about one kind of aggregates tell; returns the customers whose facts may be others now.

    These are those whom the records belong to, and those whom they belonged to before.
    """
    records = {event.state.id for event, _ in events}
    before = await repository.owners(unit.connection, kind, sorted(records))
    await PROJECTIONS[kind].follow(unit, events)
    return before | await repository.owners(unit.connection, kind, sorted(records))


async def lock(unit: UnitOfWork, customer_ids: Collection[UUID]) -> None:
    """Let nobody else work on the facts of these customers, and on what follows from them, in this transaction."""
    await repository.lock(unit.connection, sorted(customer_ids))


async def refresh(unit: UnitOfWork, customer_ids: Collection[UUID]) -> None:
    """Make the facts of customers anew, whose locks the caller holds."""
    await repository.refresh(unit.connection, sorted(customer_ids))
