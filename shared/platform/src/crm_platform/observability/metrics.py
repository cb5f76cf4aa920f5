"""Prometheus metrics of the request path and the connection pool."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class RequestMetrics:
    """Requests by method, route template and status; durations by method and route."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "crm_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "crm_http_request_seconds", "Time to answer.", ("method", "route"), buckets=_BUCKETS, registry=registry
        )
        self._observers: dict[tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (method, route, status)
        observers = self._observers.get(key)
        if observers is None:  # `labels` costs more than the observation: keep the children
            count = self._requests.labels(method, route, str(status))
            timer = self._seconds.labels(method, route)
            observers = self._observers[key] = (count.inc, timer.observe)
        observers[0]()
        observers[1](seconds)


def watch_pool(registry: CollectorRegistry, size: Callable[[], int], idle: Callable[[], int]) -> None:
    """Publish how many database connections are open and how many are in use."""
    opened = Gauge("crm_db_pool_connections", "Open database connections.", registry=registry)
    busy = Gauge("crm_db_pool_in_use", "Database connections in use.", registry=registry)
    opened.set_function(lambda: float(size()))
    busy.set_function(lambda: float(size() - idle()))
