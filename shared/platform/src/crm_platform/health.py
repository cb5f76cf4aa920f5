"""``/health/live``, ``/health/ready`` and ``/metrics``."""

from collections.abc import Awaitable, Callable

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm_platform.errors import Unavailable

Check = Callable[[], Awaitable[object]]
"""Raises Unavailable when the process cannot do its work; may return details for ``/health/ready``."""


def health_routes(check: Check, registry: CollectorRegistry) -> list[Route]:
    """Routes for probes and for Prometheus; they need no token and must not be reachable from outside.

    Live means that the event loop turns; it never depends on PostgreSQL or Kafka, whose absence a
    restart would not cure. Ready means that requests can be served.
    """

    async def live(_: Request) -> Response:
        return _json({"status": "live"})

    async def ready(_: Request) -> Response:
        try:
            details = await check()
        except Unavailable as error:
            return _json({"status": "unavailable", "reason": error.detail("en")}, 503)
        return _json({"status": "ready", "details": details})

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/health/live", live, include_in_schema=False),
        Route("/health/ready", ready, include_in_schema=False),
        Route("/metrics", metrics, include_in_schema=False),
    ]


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content, default=str), status, media_type="application/json")
