"""The span of a request, in a trace of its own or in the client's."""

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from crm_platform.observability.tracing import Tracer
from crm_platform.settings import TraceSettings
from platform_tests.handlers.conftest import Collector

CLIENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def ask(collector: Collector, traceparent: str | None, ratio: float = 1) -> tuple[str | None, list[Span]]:
    """What is passed on from a request, and what the collector was told of it."""
    tracer = Tracer(TraceSettings(sample_ratio=ratio, otlp_endpoint=collector.url), "customer-svc")
    with tracer.request("GET", "/v1/customers", traceparent) as span:
        span.finish("/v1/customers", 200)
    tracer.close()
    return span.traceparent, collector.spans


def test_a_new_trace_begins_with_the_request(collector: Collector) -> None:
    passed_on, (span,) = ask(collector, None)

    assert span.parent_span_id == b""
    assert passed_on is not None
    assert passed_on.startswith(f"00-{span.trace_id.hex()}-{span.span_id.hex()}-")
    assert int(passed_on[-2:], 16) & 1


def test_a_client_that_brings_a_trace_is_the_parent(collector: Collector) -> None:
    passed_on, (span,) = ask(collector, CLIENT)

    assert (span.trace_id.hex(), span.parent_span_id.hex()) == tuple(CLIENT.split("-")[1:3])
    assert passed_on == f"00-{span.trace_id.hex()}-{span.span_id.hex()}-01"


def test_a_trace_that_is_not_recorded_is_passed_on_as_such(collector: Collector) -> None:
    new, _ = ask(collector, None, ratio=0)
    known, spans = ask(collector, CLIENT[:-1] + "0")

    assert new is not None
    assert new.endswith("-00")
    assert "0" * 16 not in new
    assert known == CLIENT[:-1] + "0"
    assert spans == []
