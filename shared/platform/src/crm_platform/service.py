"""What a service is made of: one explicit list per service, in its ``slices.py``."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from sqlalchemy import MetaData

from crm_contracts.base import DomainEvent, InboundMessage
from crm_platform.events.wire import Record
from crm_platform.following import Successors
from crm_platform.operations.kinds import OperationKind, Standing, Sweep
from crm_platform.settings import ServiceSettings
from crm_platform.store import Aggregate
from crm_platform.uow import UnitOfWork

Handler = Callable[[UnitOfWork, Any, Record], Awaitable[None]]
"""Handles one event: the unit of work, the parsed event, and the record it came in."""

BatchHandler = Callable[[UnitOfWork, list[tuple[Any, Record]]], Awaitable[None]]
"""Handles the events of one tenant in one batch, in order; for projections."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """One event type that the service takes in, and what it does with it.

    With ``snapshots`` the handler also gets current states sent on request (`<aggregate>.snapshot`), which
    look like this event; for handlers that only keep a copy of the state.
    """

    event: type[DomainEvent[Any]] | type[InboundMessage]
    handler: Handler
    snapshots: bool = False


@dataclass(frozen=True, slots=True)
class BatchConsumer:
    """Several event types that one projection takes in together.

    With ``snapshots`` it also gets current states sent on request; they look like the first event of their aggregate.
    With ``repeats`` these also come where the service knows the state already: for copies that are kept since later
    than the service takes in the events.
    """

    events: tuple[type[DomainEvent[Any]], ...]
    handler: BatchHandler
    snapshots: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A deployable: its tables, routes and aggregates, what it publishes and takes in, its long work.

    A service with ``operations`` has :func:`crm_platform.operations.endpoints.operations_router` among its routers.
    ``standing`` tells the rights that whoever asked for an operation has at the time of a step; without it they are
    those of the request.
    ``redirects`` tells, for path parameters, who stands for a record that was merged into another.
    """

    name: str
    title: str
    description: str
    metadata: MetaData
    routers: tuple[APIRouter, ...] = ()
    aggregates: tuple[Aggregate[Any], ...] = ()
    consumers: tuple[Consumer, ...] = ()
    projections: tuple[BatchConsumer, ...] = ()
    operations: tuple[OperationKind[Any], ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    standing: Standing | None = None
    redirects: Mapping[str, Successors] = field(default_factory=dict)
    settings: type[ServiceSettings] = field(default=ServiceSettings)

    @property
    def seals(self) -> bool:
        """Whether it keeps personal data sealed, and so needs keys."""
        return any(aggregate.sealed or aggregate.trail for aggregate in self.aggregates)

    @property
    def package(self) -> str:
        """Import name."""
        return self.name.replace("-", "_")

    def consumed_topics(self) -> tuple[str, ...]:
        """Topics that the service's consumers read."""
        events = [consumer.event for consumer in self.consumers]
        events += [event for projection in self.projections for event in projection.events]
        return tuple(sorted({event.topic for event in events}))
