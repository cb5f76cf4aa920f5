"""One service as the gateway sees it: its address, its health, how many requests are on their way to it."""

import time
from collections.abc import Iterable, Iterator
from math import ceil

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway.proxy.absence import Absence
from gateway.proxy.breaker import Breaker, BreakerPolicy, BreakerState, Clock, RetryBudget, Verdict
from gateway.proxy.errors import UpstreamBusy, UpstreamUnavailable
from gateway.proxy.settings import ProxySettings


class Upstream:
    """A service, with all that is remembered about calls to it."""

    def __init__(self, name: str, base_url: str, settings: ProxySettings, clock: Clock = time.monotonic) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/")
        self.in_flight = 0
        self.calls = 0
        self.failures = 0
        self.retries = 0
        self.refused = 0
        self.budget = RetryBudget(settings.retry_share)
        self.absence = Absence(self.base_url, settings.absence_patience, clock)
        policy = BreakerPolicy(
            window=settings.breaker_window,
            calls=settings.breaker_calls,
            share=settings.breaker_share,
            pause=settings.breaker_pause,
        )
        self.breaker = Breaker(policy, clock)
        self._limit = settings.max_in_flight

    def enter(self) -> int:
        """Begin a call; the ticket goes to :meth:`leave`.

        Raises:
            UpstreamBusy: Too many calls are on their way.
            UpstreamUnavailable: The service failed too often lately.
        """
        if self.in_flight >= self._limit:
            self.refused += 1
            raise UpstreamBusy(service=self.name, limit=self._limit, headers={"retry-after": "1"})
        ticket = self.breaker.admit()
        if ticket is None:
            self.refused += 1
            wait = max(1, ceil(self.breaker.wait()))
            raise UpstreamUnavailable(service=self.name, headers={"retry-after": str(wait)})
        self.in_flight += 1
        self.calls += 1
        return ticket

    def leave(self, ticket: int, verdict: Verdict) -> None:
        """End a call."""
        self.in_flight -= 1
        if verdict is Verdict.FAULTY:
            self.failures += 1
        self.breaker.settle(ticket, verdict)


class UpstreamCollector(Collector):
    """Prometheus metrics of the calls to the services; read when scraped, so that calls cost nothing more."""

    def __init__(self, upstreams: Iterable[Upstream]) -> None:
        self._upstreams = tuple(upstreams)

    def collect(self) -> Iterator[Metric]:
        """The metrics as they stand."""
        for name, text in (
            ("calls", "Calls begun."),
            ("failures", "Calls that the service did not answer."),
            ("retries", "Calls sent a second time."),
            ("refused", "Calls not sent, as the service was busy or its breaker open."),
        ):
            family = CounterMetricFamily(f"crm_gateway_upstream_{name}", text, labels=("service",))
            for upstream in self._upstreams:
                family.add_metric((upstream.name,), getattr(upstream, name))
            yield family
        running = GaugeMetricFamily("crm_gateway_upstream_in_flight", "Calls on their way.", labels=("service",))
        opened = GaugeMetricFamily("crm_gateway_breaker_open", "1 while calls are refused.", labels=("service",))
        for upstream in self._upstreams:
            running.add_metric((upstream.name,), upstream.in_flight)
            opened.add_metric((upstream.name,), float(upstream.breaker.state is not BreakerState.CLOSED))
        yield running
        yield opened
