"""Traces (OpenTelemetry): made by hand, and only when sampled; instrumentation libraries cost too much here."""

import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from crm_platform.settings import TraceSettings

_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
"""Version, trace, span, flags; a later version than 00 may have more behind them."""
_SERVER_ERROR = 500


@dataclass(slots=True)
class OpenSpan:
    """A span in progress; ``span`` is None where this trace is not recorded."""

    traceparent: str | None
    span: Any = None
    method: str = ""

    def finish(self, route: str, status: int) -> None:
        """Say what the request turned out to be; it is named after its route, so that like ones are found together."""
        if self.span is None:
            return
        self.span.update_name(f"{self.method} {route}")
        self.span.set_attribute("http.request.method", self.method)
        self.span.set_attribute("http.route", route)
        self.span.set_attribute("http.response.status_code", status)
        if status >= _SERVER_ERROR:
            self.span.set_status(Status(StatusCode.ERROR))


class Tracer:
    """Makes spans for requests, published events and handled events.

    The W3C ``traceparent`` is what ties them together: it comes with the request, is stored in the
    outbox row, travels in the record's header and becomes the parent of the consumer's span.
    """

    def __init__(self, settings: TraceSettings, service: str) -> None:
        self._ratio = settings.sample_ratio
        self._provider: TracerProvider | None = None
        if settings.otlp_endpoint:
            self._provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
            exporter = OTLPSpanExporter(endpoint=settings.otlp_endpoint.rstrip("/") + "/v1/traces", timeout=3)
            self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
            self._tracer = self._provider.get_tracer("crm_platform")

    def close(self) -> None:
        """Send what is left."""
        if self._provider is not None:
            self._provider.shutdown()

    def request(self, method: str, path: str, traceparent: str | None) -> AbstractContextManager[OpenSpan]:
        """The server span of a request; starts a trace where the client brought none."""
        known = parse_traceparent(traceparent) if traceparent else None
        if self._provider is None:  # nothing to record: there is only a header to pass on
            return nullcontext(OpenSpan(format_traceparent(known) if known else self._new_traceparent()))
        return self._request(method, path, known)

    @contextmanager
    def _request(self, method: str, path: str, known: SpanContext | None) -> Iterator[OpenSpan]:
        with self._span(method, known or self._new_trace(), SpanKind.SERVER, first=known is None) as opened:
            opened.method = method
            if opened.span is not None:
                opened.span.set_attribute("url.path", path)
            yield opened

    def records(self, traceparent: str | None) -> bool:
        """Whether spans of this trace are recorded here; cheap where nothing is exported."""
        if self._provider is None:
            return False
        parent = parse_traceparent(traceparent)
        return parent is not None and parent.trace_flags.sampled

    @contextmanager
    def event(self, name: str, traceparent: str | None, kind: SpanKind) -> Iterator[OpenSpan]:
        """The span of publishing or handling one event; nothing where the event carries no trace."""
        parent = parse_traceparent(traceparent)
        if parent is None:
            yield OpenSpan(None)
            return
        with self._span(name, parent, kind) as opened:
            yield opened

    @contextmanager
    def _span(self, name: str, parent: SpanContext, kind: SpanKind, *, first: bool = False) -> Iterator[OpenSpan]:
        """A span below ``parent``; the ``first`` one of a trace has none, its ``parent`` only says what is recorded."""
        if not parent.trace_flags.sampled or self._provider is None:
            yield OpenSpan(format_traceparent(parent))
            return
        around = Context() if first else trace.set_span_in_context(NonRecordingSpan(parent))
        with self._tracer.start_as_current_span(name, context=around, kind=kind) as span:
            yield OpenSpan(format_traceparent(span.get_span_context()), span)

    def _samples(self) -> bool:
        return self._ratio > 0 and secrets.randbelow(1_000_000) < self._ratio * 1_000_000

    def _new_traceparent(self) -> str:
        """The header of a trace that begins here, without the objects that a span would need."""
        ids = secrets.token_hex(24)
        return f"00-{ids[:32]}-{ids[32:]}-{'01' if self._samples() else '00'}"

    def _new_trace(self) -> SpanContext:
        flags = TraceFlags(TraceFlags.SAMPLED if self._samples() else TraceFlags.DEFAULT)
        return SpanContext(secrets.randbits(128) | 1, secrets.randbits(64) | 1, is_remote=True, trace_flags=flags)


def parse_traceparent(text: str | None) -> SpanContext | None:
    """Read a W3C ``traceparent`` header; None where there is none or it is malformed."""
    found = _TRACEPARENT.fullmatch(text) if text else None
    if found is None or (found[1] == "00" and found[5]):
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.group(2, 3, 4))
    if not trace_id or not span_id:
        return None
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags & 1))


def format_traceparent(context: SpanContext) -> str:
    """The W3C ``traceparent`` header of a span."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
