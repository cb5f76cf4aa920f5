"""What the timeline is made of: events of this service and of all others."""

from collections.abc import Sequence
from typing import Any

from crm_contracts.base import DomainEvent
from crm_contracts.registry import EVENTS
from crm_platform.events.wire import Record
from crm_platform.service import BatchConsumer
from crm_platform.uow import UnitOfWork
from customer_svc.timeline import service
from customer_svc.timeline.domain import HAPPENINGS


async def on_happenings(unit: UnitOfWork, events: Sequence[tuple[DomainEvent[Any], Record]]) -> None:
    """Put happenings on the timelines of their customers."""
    await service.take_in(unit, events)


def projections() -> tuple[BatchConsumer, ...]:
    """One consumer for each kind of records that is part of a timeline."""
    return tuple(
        BatchConsumer(
            tuple(event for event in EVENTS.values() if event.aggregate_type == name), on_happenings, snapshots=True
        )
        for name in HAPPENINGS
    )
