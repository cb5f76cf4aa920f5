"""Events by which customers, or the facts about them, change."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.customer.v1 import CustomerEvent
from crm_contracts.registry import EVENTS
from crm_platform.context import Cause
from crm_platform.events.wire import Record
from crm_platform.service import BatchConsumer, BatchHandler
from crm_platform.uow import UnitOfWork
from customer_svc.customer_changes import service
from customer_svc.facts import service as facts


async def on_customers(unit: UnitOfWork, events: Sequence[tuple[CustomerEvent, Record]]) -> None:
    """Look at customers that are new, changed or gone."""
    await service.look_at(unit, _causes(unit, ((event.state.id, record) for event, record in events)))


async def on_communications(unit: UnitOfWork, events: Sequence[tuple[DomainEvent[Any], Record]]) -> None:
    """Look at customers to whom something was said."""
    causes = _causes(unit, ((event.state.customer_id, record) for event, record in events))
    await service.look_at(unit, causes, new_facts=True)


def on_facts(kind: str) -> BatchHandler:
    """What keeps the facts that are made of one kind of aggregates, and what follows from them."""

    async def handle(unit: UnitOfWork, events: list[tuple[DomainEvent[Any], Record]]) -> None:
        touched = await facts.take_in(unit, kind, events)
        told = _causes(unit, ((event.state.customer_id, record) for event, record in events))
        # Those to whom a record belonged before are in no event.
        await service.look_at(unit, {id: told.get(id, unit.cause) for id in touched}, new_facts=True)

    return handle


def projections() -> tuple[BatchConsumer, ...]:
    """One consumer for each kind of aggregates of which customers' values are made."""
    return (
        BatchConsumer(_events("customer"), on_customers, snapshots=True),
        BatchConsumer(_events("communication"), on_communications, snapshots=True),
        *(BatchConsumer(_events(kind), on_facts(kind), snapshots=True) for kind in facts.KINDS),
    )


def _events(aggregate_type: str) -> tuple[type[DomainEvent[Any]], ...]:
    return tuple(event for event in EVENTS.values() if event.aggregate_type == aggregate_type)


def _causes(unit: UnitOfWork, told: Any) -> Mapping[UUID, Cause]:
    """For each customer the cause of what is told of it last."""
    return {id: unit.cause_of(record) for id, record in told if id is not None}
