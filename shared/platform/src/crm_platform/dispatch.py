"""Binds a service's handlers to the events engine: parses events, opens units of work, makes spans."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager, nullcontext
from typing import Any

from opentelemetry.trace import SpanKind

from crm_contracts.base import DomainEvent, InboundMessage
from crm_platform.context import caused_by, system_caller
from crm_platform.db import Connection
from crm_platform.events.subscriptions import Around, Registry, Subscription
from crm_platform.events.wire import Record
from crm_platform.observability.tracing import Tracer
from crm_platform.sealing.vault import Vault
from crm_platform.service import BatchConsumer, Consumer, Service
from crm_platform.uow import UnitOfWork

HANDLER_TIMEOUT = 30.0
"""Seconds that one call of a handler may take; a batch of 500 events is one call."""

AnyEvent = type[DomainEvent[Any]] | type[InboundMessage]


def service_registry(service: Service, tracer: Tracer, vault: Vault | None = None) -> Registry:
    """The events that ``service`` takes in, ready for the engine; ``vault`` where it has sealed personal data."""
    subscriptions = [_single(consumer) for consumer in service.consumers]
    subscriptions += [subscription for projection in service.projections for subscription in _batches(projection)]

    @asynccontextmanager
    async def unit_of_work(connection: Connection, record: Record) -> AsyncIterator[UnitOfWork]:
        cause = caused_by(record, actor=f"system:{service.name}")
        connection.vault = vault
        yield UnitOfWork(connection, system_caller(record.tenant_id, service.name), cause)

    return Registry(subscriptions, scope=unit_of_work, around=_spans(tracer), handler_timeout=HANDLER_TIMEOUT)


def _single(consumer: Consumer) -> Subscription:
    async def handle(unit: UnitOfWork, record: Record) -> None:
        await consumer.handler(unit, read_event(consumer.event, record), record)

    types = [consumer.event.type]
    if consumer.snapshots and issubclass(consumer.event, DomainEvent):
        types.append(f"{consumer.event.aggregate_type}.snapshot")
    return Subscription(topics=[consumer.event.topic], handlers=dict.fromkeys(types, handle))


def _batches(projection: BatchConsumer) -> Iterator[Subscription]:
    """One subscription per topic, with one handler for all, so that a batch arrives in one call."""
    kinds = {event.type: event for event in projection.events}
    if projection.snapshots:
        # From the last to the first, so that a snapshot is read as the first: the last one may tell of a deletion.
        kinds |= {f"{event.aggregate_type}.snapshot": event for event in reversed(projection.events)}

    async def handle(unit: UnitOfWork, records: Sequence[Record]) -> None:
        await projection.handler(unit, [(read_event(kinds[record.type], record), record) for record in records])

    for topic in sorted({event.topic for event in projection.events}):
        types = [name for name, event in kinds.items() if event.topic == topic]
        yield Subscription(
            topics=[topic], handlers=dict.fromkeys(types, handle), batch=True, repeats=projection.repeats
        )


def read_event(kind: AnyEvent, record: Record) -> Any:
    """The event in ``record``, read tolerantly.

    Raises:
        pydantic.ValidationError: A field that we know is missing or of the wrong type.
    """
    return kind.model_validate(record.data, extra="ignore", strict=False)


def _spans(tracer: Tracer) -> Around:
    """A span in the trace of each event that is recorded; all events of a batch are handled at the same time."""

    @contextmanager
    def spans(recorded: Sequence[Record], count: int) -> Iterator[None]:
        with ExitStack() as stack:
            for record in recorded:
                handling = tracer.event(f"handle {record.type}", record.traceparent, SpanKind.CONSUMER)
                span = stack.enter_context(handling).span
                span.set_attribute("messaging.message.id", str(record.event_id))
                if count > 1:
                    span.set_attribute("messaging.batch.message_count", count)
            yield

    def around(records: Sequence[Record]) -> AbstractContextManager[None]:
        recorded = [record for record in records if tracer.records(record.traceparent)]
        return spans(recorded, len(records)) if recorded else nullcontext()

    return around
