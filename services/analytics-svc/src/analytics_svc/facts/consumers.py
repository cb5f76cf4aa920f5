"""Every event of the other services that figures are made of."""

from collections.abc import Sequence
from typing import Any

from analytics_svc.facts import models
from crm_contracts.base import DomainEvent
from crm_contracts.registry import EVENTS
from crm_platform.events.wire import Record
from crm_platform.projection import Projection
from crm_platform.service import BatchConsumer
from crm_platform.uow import UnitOfWork

PROJECTIONS: dict[str, Projection] = {
    "customer": models.CUSTOMERS,
    "user": models.PEOPLE,
    "team": models.TEAMS,
    "product": models.PRODUCTS,
    "opportunity": models.OPPORTUNITIES,
    "order": models.ORDERS,
    "project": models.PROJECTS,
    "delivery": models.DELIVERIES,
    "risk": models.RISKS,
    "ticket": models.TICKETS,
    "survey": models.SURVEYS,
}
"""Where the states of each kind of aggregate are kept."""


def projections() -> tuple[BatchConsumer, ...]:
    """One consumer per kind of aggregate, for all of its events."""
    return tuple(
        BatchConsumer(
            events=tuple(event for event in EVENTS.values() if event.aggregate_type == kind),
            handler=_follow(projection),
            snapshots=True,
        )
        for kind, projection in PROJECTIONS.items()
    )


def _follow(projection: Projection) -> Any:
    async def follow(unit: UnitOfWork, events: Sequence[tuple[DomainEvent[Any], Record]]) -> None:
        await projection.follow(unit, [event for event, _ in events])

    return follow
