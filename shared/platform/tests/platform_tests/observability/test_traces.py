"""One trace runs through HTTP, outbox, Kafka and consumer; nothing is exported of what is not sampled."""

import re
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from crm_platform.observability.tracing import Tracer, parse_traceparent
from crm_platform.settings import TraceSettings
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.testing.waiting import until
from customer_svc.slices import SERVICE as CUSTOMER
from platform_tests.observability.collector import Collector, Seen, collecting
from platform_tests.observability.support import with_settings
from sales_svc.slices import SERVICE as SALES

TRACE, CLIENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = f"00-{TRACE}-{CLIENT}-01"
UNSAMPLED = f"00-{TRACE}-{CLIENT}-00"
HANDLE_CUSTOMERS = ["customer-svc", "customer-svc", "sales-svc"]
"""Whose consumers handle that there is a customer: those of segments and of data quality, and sales."""
SERVER_SPAN, CONSUMER_SPAN = Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CONSUMER


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


def exporting(collector: Collector, ratio: float) -> TraceSettings:
    return TraceSettings(sample_ratio=ratio, otlp_endpoint=collector.url)


async def post(running: RunningService, name: str, who: Any = None, **headers: str) -> httpx.Response:
    async with running.as_(who or caller(), **headers) as client:
        answer = await client.post("/v1/customers", json={"name": name})
    assert answer.status_code == 201, answer.text
    return answer


async def handled(sales: RunningService, count: int) -> list[Any]:
    """Wait until sales knows so many customers."""

    async def known() -> list[Any]:
        rows = await sales.sql("SELECT id FROM known_customers")
        return rows if len(rows) == count else []

    return await until(known)


async def event_ids(running: RunningService) -> list[str]:
    return [str(row["event_id"]) for row in await running.sql("SELECT event_id FROM outbox ORDER BY id")]


@pytest.fixture
async def customers(start_service: StartService, collector: Collector) -> AsyncIterator[RunningService]:
    async with with_settings(await start_service(CUSTOMER), trace=exporting(collector, 1)) as running:
        yield running


async def exported(collector: Collector, count: int) -> list[Seen]:
    """Wait until so many spans have arrived; there are no more."""

    async def arrived() -> bool:
        return len(collector.spans) >= count

    await until(arrived)
    assert len(collector.spans) == count
    return collector.spans


async def test_a_trace_runs_from_the_client_through_kafka_to_the_other_service(
    start_service: StartService, start_worker: StartWorker, customers: RunningService, collector: Collector
) -> None:
    sales = await start_service(SALES)
    traced = {"trace": exporting(collector, 1)}
    async with with_settings(sales, **traced) as sales:
        await start_worker(customers)
        await start_worker(sales)
        await post(customers, "Traced", traceparent=SAMPLED)
        await handled(sales, 1)
        await exported(collector, 4)

    server, *consumers = collector.of(TRACE)
    assert (server.service, server.kind, server.parent_id) == ("customer-svc", SERVER_SPAN, CLIENT)
    assert server.name == "POST /v1/customers"
    assert server.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/customers",
        "http.response.status_code": 201,
        "url.path": "/v1/customers",
    }
    assert not server.failed
    assert sorted(consumer.service for consumer in consumers) == HANDLE_CUSTOMERS
    for consumer in consumers:
        assert (consumer.kind, consumer.parent_id) == (CONSUMER_SPAN, server.span_id)
        assert consumer.name == "handle customer.created"
        assert consumer.attributes["messaging.message.id"] == (await event_ids(customers))[0]
        assert not consumer.failed


async def test_each_event_of_a_batch_is_handled_in_its_own_trace(
    start_service: StartService, start_worker: StartWorker, customers: RunningService, collector: Collector
) -> None:
    who = caller()
    traces = [f"{number:032x}" for number in range(1, 5)]
    for number, trace in enumerate(traces):
        await post(customers, f"Customer {number}", who, traceparent=f"00-{trace}-{CLIENT}-0{number % 2}")
    async with with_settings(await start_service(SALES), trace=exporting(collector, 1)) as sales:
        await start_worker(customers)
        await start_worker(sales)
        await handled(sales, 4)
        await exported(collector, 8)

    for number, trace in enumerate(traces):
        spans = collector.of(trace)
        assert [span.name for span in spans] == (
            ["POST /v1/customers", *["handle customer.created"] * 3] if number % 2 else []
        ), trace
        if spans:
            assert sorted(span.service for span in spans[1:]) == HANDLE_CUSTOMERS
            assert {span.parent_id for span in spans[1:]} == {spans[0].span_id}
            handled_ids = {span.attributes["messaging.message.id"] for span in spans[1:]}
            assert handled_ids == {(await event_ids(customers))[number]}


async def test_a_trace_that_begins_here_has_a_first_span(customers: RunningService, collector: Collector) -> None:
    answer = await post(customers, "Ours")
    (span,) = await exported(collector, 1)

    assert answer.status_code == 201
    assert span.parent_id == ""
    (row,) = await customers.sql("SELECT headers->>'traceparent' AS traceparent FROM outbox")
    context = parse_traceparent(row["traceparent"])
    assert context is not None
    assert (f"{context.trace_id:032x}", f"{context.span_id:016x}") == (span.trace_id, span.span_id)
    assert context.trace_flags.sampled


async def test_what_the_client_does_not_sample_is_not_sampled_here(
    start_service: StartService, start_worker: StartWorker, collector: Collector
) -> None:
    customers, sales = await start_service(CUSTOMER), await start_service(SALES)
    traced = {"trace": exporting(collector, 1)}
    async with with_settings(customers, **traced) as customers, with_settings(sales, **traced) as sales:
        await start_worker(customers)
        await start_worker(sales)
        await post(customers, "Quiet", traceparent=UNSAMPLED)
        await handled(sales, 1)

    assert collector.requests == 0
    (row,) = await customers.sql("SELECT headers->>'traceparent' AS traceparent FROM outbox")
    assert row["traceparent"] == UNSAMPLED


async def test_with_a_ratio_of_nothing_nothing_is_exported(start_service: StartService, collector: Collector) -> None:
    async with with_settings(await start_service(CUSTOMER), trace=exporting(collector, 0)) as running:
        await post(running, "Unsampled", traceparent=UNSAMPLED)
        for number in range(5):
            await post(running, f"Customer {number}")

    assert collector.requests == 0
    rows = await running.sql("SELECT headers->>'traceparent' AS traceparent FROM outbox")
    assert len({row["traceparent"] for row in rows}) == 6
    assert all(re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", row["traceparent"]) for row in rows)


async def test_without_a_collector_traces_pass_through(start_service: StartService) -> None:
    running = await start_service(CUSTOMER)
    await post(running, "Passed on", traceparent=SAMPLED)

    (row,) = await running.sql("SELECT headers->>'traceparent' AS traceparent FROM outbox")
    assert row["traceparent"] == SAMPLED


async def test_spans_say_what_went_wrong(start_service: StartService, collector: Collector) -> None:
    traced = {"trace": exporting(collector, 1)}
    async with with_settings(await start_service(CUSTOMER), **traced) as running, running.as_(caller()) as client:
        missing = await client.get("/v1/customers/00000000-0000-7000-8000-000000000001")
        nowhere = await client.get("/v1/nothing/4711")
        late = await client.get("/v1/customers", headers={"crm-deadline-ms": "0"})
    spans = {span.attributes["http.response.status_code"]: span for span in await exported(collector, 3)}

    assert (missing.status_code, nowhere.status_code, late.status_code) == (404, 404, 504)
    assert spans[504].failed
    assert not spans[404].failed
    assert {span.name for span in collector.spans} == {
        "GET /v1/customers/{customer_id}",
        "GET unmatched",
        "GET /v1/customers",
    }


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "nonsense",
        f"ff-{TRACE}-{CLIENT}-01",
        f"00-{'0' * 32}-{CLIENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{CLIENT}",
        f"00-{TRACE[:-1]}x-{CLIENT}-01",
        f"00-{TRACE.upper()}-{CLIENT}-01",
        f"00-0x{TRACE[2:]}-{CLIENT}-01",
        f"00-+{TRACE[1:]}-{CLIENT}-01",
        f"00-{TRACE[:15]}_{TRACE[16:]}-{CLIENT}-01",
        f"00-{TRACE}-{CLIENT}-01-extra",
    ],
)
def test_a_malformed_traceparent_is_none(traceparent: str) -> None:
    assert parse_traceparent(traceparent) is None


def test_a_later_version_of_the_header_is_understood() -> None:
    parsed = parse_traceparent(f"01-{TRACE}-{CLIENT}-03-more")

    assert parsed is not None
    assert (f"{parsed.trace_id:032x}", f"{parsed.span_id:016x}", parsed.trace_flags) == (TRACE, CLIENT, 1)


def test_a_share_of_new_traces_is_sampled() -> None:
    tracer = Tracer(TraceSettings(sample_ratio=0.25), "test")
    sampled = 0
    for _ in range(2000):
        with tracer.request("GET", "/", None) as span:
            sampled += (span.traceparent or "").endswith("-01")

    assert 380 <= sampled <= 620


async def test_a_collector_that_is_away_stops_nobody(start_service: StartService, free_ports: Any) -> None:
    away = TraceSettings(sample_ratio=1, otlp_endpoint=f"http://127.0.0.1:{free_ports(1)[0]}")
    service = await start_service(CUSTOMER)
    began = time.monotonic()
    async with with_settings(service, trace=away) as running:
        for number in range(5):
            await post(running, f"Customer {number}")
        answered = time.monotonic()
    stopped = time.monotonic()

    assert answered - began < 5
    assert stopped - answered < 5
