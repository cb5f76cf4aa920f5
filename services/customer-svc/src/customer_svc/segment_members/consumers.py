"""What changes memberships: changes of customers and of the facts about them, and of the segments."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.customer.v1 import CustomerEvent
from crm_contracts.registry import EVENTS
from crm_contracts.segment.v1 import SegmentEvent
from crm_platform.context import Cause
from crm_platform.events.wire import Record
from crm_platform.operations.begin import begin
from crm_platform.service import BatchConsumer, BatchHandler
from crm_platform.uow import UnitOfWork
from customer_svc.facts import service as facts
from customer_svc.segment_members import service
from customer_svc.segment_members.operations import EVALUATION, Evaluation


async def on_customers(unit: UnitOfWork, events: Sequence[tuple[CustomerEvent, Record]]) -> None:
    """Look at customers that are new, changed or gone."""
    causes = _causes(unit, ((event.state.id, record) for event, record in events))
    await service.look_at(unit, causes, causes=causes)


async def on_communications(unit: UnitOfWork, events: Sequence[tuple[DomainEvent[Any], Record]]) -> None:
    """Look at customers to whom something was said."""
    causes = _causes(unit, ((event.state.customer_id, record) for event, record in events))
    await service.look_at(unit, causes, causes=causes, new_facts=True)


def on_facts(kind: str) -> BatchHandler:
    """What keeps the facts that are made of one kind of aggregates, and the memberships that follow from them."""

    async def handle(unit: UnitOfWork, events: list[tuple[DomainEvent[Any], Record]]) -> None:
        touched = await facts.take_in(unit, kind, events)
        told = ((event.state.customer_id, record) for event, record in events)
        await service.look_at(unit, touched, causes=_causes(unit, told), new_facts=True)

    return handle


async def on_segment(unit: UnitOfWork, event: SegmentEvent, _: Record) -> None:
    """Look at all customers for a segment that has another expression than before."""
    segment = event.state
    if "expression" in event.changed or segment.version == 1:
        order = Evaluation(segment_id=segment.id, definition=segment.definition)
        await begin(unit, EVALUATION, order, key=f"{segment.id}.{segment.definition}")


def projections() -> tuple[BatchConsumer, ...]:
    """One consumer for each kind of aggregates on which memberships depend."""
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
