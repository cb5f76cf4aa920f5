"""Many events handled in one call: each keeps its own cause and its own place in a trace."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crm_contracts.base import Money
from crm_contracts.sales.v1 import ProductCreated, ProductSnapshot
from crm_platform.context import Cause, caused_by
from crm_platform.db.database import Connection, connect_dedicated
from crm_platform.db.schema import new_metadata
from crm_platform.dispatch import service_registry
from crm_platform.events.subscriptions import HandlerError
from crm_platform.events.wire import GateKey, RawRecord, Record
from crm_platform.ids import new_id
from crm_platform.observability.tracing import Tracer
from crm_platform.service import BatchConsumer, Service
from crm_platform.settings import TraceSettings
from crm_platform.uow import UnitOfWork
from crm_runtime.pytest_plugin import MakeDatabase
from platform_tests.handlers.conftest import Collector

TENANT = new_id()
MOMENT = datetime(2026, 1, 5, tzinfo=UTC)


def record(number: int, *, flags: str | None = "01", **changes: Any) -> Record:
    """An event of a product; each in a trace of its own, or in none."""
    id = new_id()
    state = ProductSnapshot(
        id=id,
        version=1,
        created_at=MOMENT,
        created_by="user:x",
        updated_at=MOMENT,
        updated_by="user:x",
        code=f"P{number}",
        name=f"产品{number}",
        series=None,
        list_price=Money(amount="1", currency="CNY"),
        active=True,
    )
    event = ProductCreated(state=state)
    payload = event.model_dump_json().encode()
    trace = None if flags is None else f"00-{number:032x}-{number:016x}-{flags}"
    received = Record(
        topic=event.topic,
        partition=0,
        offset=number,
        event_id=new_id(),
        type=event.type,
        source="/crm/test",
        time=MOMENT,
        tenant_id=TENANT,
        subject=str(id),
        gate_key=GateKey(event.aggregate_type, id),
        version=1,
        snapshot=False,
        correlation_id=new_id(),
        causation_id=None,
        actor="user:x",
        origin="erp",
        traceparent=trace,
        epoch=None,
        data=event.model_dump(mode="json"),
        raw=RawRecord(event.topic, 0, number, None, (), payload),
    )
    return replace(received, **changes)


class Taken:
    """What the handler of the service under test was called with."""

    def __init__(self) -> None:
        self.calls: list[list[tuple[str, Cause]]] = []
        self.failure: Exception | None = None

    async def take(self, unit: UnitOfWork, events: list[tuple[ProductCreated, Record]]) -> None:
        if self.failure is not None:
            raise self.failure
        self.calls.append([(event.state.code, unit.cause_of(record)) for event, record in events])

    @property
    def service(self) -> Service:
        consumer = BatchConsumer((ProductCreated,), self.take, snapshots=True)
        return Service(name="customer-svc", title="", description="", metadata=new_metadata(), projections=(consumer,))


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def connection(make_database: MakeDatabase) -> AsyncIterator[Connection]:
    connection = await connect_dedicated(make_database("customer_svc").url, name="test")
    yield connection
    await connection.close()


async def handle(
    taken: Taken, connection: Connection, records: Sequence[Record], collector: Collector | None = None
) -> None:
    """Hand a batch to the service, and send all spans on."""
    settings = TraceSettings(sample_ratio=1, otlp_endpoint=collector.url if collector else None)
    tracer = Tracer(settings, "customer-svc")
    try:
        async with connection.transaction():
            await service_registry(taken.service, tracer).run(connection, records)
    finally:
        tracer.close()


async def test_each_event_of_a_batch_has_its_own_cause(taken: Taken, connection: Connection) -> None:
    first, second = record(1), record(2, origin="oa", correlation_id=None, traceparent=None)

    await handle(taken, connection, [first, second])

    assert taken.calls == [
        [
            (
                "P1",
                Cause(
                    actor="system:customer-svc",
                    correlation_id=first.correlation_id or TENANT,
                    causation_id=first.event_id,
                    origin="erp",
                    traceparent=first.traceparent,
                ),
            ),
            (
                "P2",
                Cause(
                    actor="system:customer-svc",
                    correlation_id=second.event_id,
                    causation_id=second.event_id,
                    origin="oa",
                    traceparent=None,
                ),
            ),
        ]
    ]
    assert caused_by(first, actor="system:customer-svc") == taken.calls[0][0][1]


async def test_each_recorded_event_of_a_batch_has_a_span_in_its_trace(
    taken: Taken, connection: Connection, collector: Collector
) -> None:
    records = [record(1), record(2, flags="00"), record(3), record(4, flags=None)]

    await handle(taken, connection, records, collector)

    spans = sorted(collector.spans, key=lambda span: span.trace_id)
    assert [(span.name, int.from_bytes(span.trace_id), int.from_bytes(span.parent_span_id)) for span in spans] == [
        ("handle product.created", 1, 1),
        ("handle product.created", 3, 3),
    ]
    attributes = [{one.key: one.value.string_value or one.value.int_value for one in span.attributes} for span in spans]
    assert attributes == [
        {"messaging.message.id": str(one.event_id), "messaging.batch.message_count": 4}
        for one in (records[0], records[2])
    ]
    assert [code for code, _ in taken.calls[0]] == ["P1", "P2", "P3", "P4"]


async def test_a_handler_that_fails_is_an_error_in_every_trace(
    taken: Taken, connection: Connection, collector: Collector
) -> None:
    taken.failure = LookupError("nothing of that name")

    with pytest.raises(HandlerError) as failed:
        await handle(taken, connection, [record(1), record(2)], collector)

    assert failed.value.error is taken.failure
    assert len(collector.spans) == 2
    for span in collector.spans:
        assert span.status.code == span.status.STATUS_CODE_ERROR
        assert [event.name for event in span.events] == ["exception"]


async def test_without_a_recorded_event_there_is_no_span(
    taken: Taken, connection: Connection, collector: Collector
) -> None:
    await handle(taken, connection, [record(1, flags="00"), record(2, flags=None)], collector)
    await handle(taken, connection, [record(3)])

    assert collector.spans == []
    assert [len(call) for call in taken.calls] == [2, 1]


async def test_a_snapshot_is_read_as_the_first_event_of_its_kind(taken: Taken, connection: Connection) -> None:
    await handle(taken, connection, [record(1, type="product.snapshot", snapshot=True)])

    assert [code for code, _ in taken.calls[0]] == ["P1"]
