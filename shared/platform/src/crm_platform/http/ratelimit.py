"""Allowances per caller: a token bucket in this process."""

import time
from collections import OrderedDict
from math import ceil
from typing import NamedTuple
from uuid import UUID

WINDOW = 60
_CALLERS = 10_000


class Allowance(NamedTuple):
    """What is left to one caller.

    Attributes:
        granted: Whether this request may go on.
        limit: Requests per window.
        window: Seconds.
        remaining: Requests that could follow at once.
        reset: Seconds until the next request is possible, or until the bucket is full.
    """

    granted: bool
    limit: int
    window: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """``RateLimit`` and ``RateLimit-Policy`` (IETF httpapi-ratelimit-headers draft)."""
        return {
            "ratelimit-policy": f'"default";q={self.limit};w={self.window}',
            "ratelimit": f'"default";r={self.remaining};t={self.reset}',
        }


class RateLimiter:
    """Gives each caller ``limit`` requests per minute, in a burst or spread out.

    The count is kept per process: with n copies of a service a caller has n times the allowance there,
    and the gateway's own limit is the one that partners meet.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buckets: OrderedDict[UUID, tuple[float, float]] = OrderedDict()

    def take(self, caller_id: UUID, now: float | None = None) -> Allowance:
        """Use up one request of ``caller_id``; ``now`` is monotonic seconds."""
        now = time.monotonic() if now is None else now
        limit = self._limit
        level, seen = self._buckets.get(caller_id, (float(limit), now))
        level = min(limit, level + (now - seen) * limit / WINDOW)
        granted = level >= 1
        if granted:
            level -= 1
        self._buckets[caller_id] = (level, now)
        self._buckets.move_to_end(caller_id)
        if len(self._buckets) > _CALLERS:
            self._buckets.popitem(last=False)
        wanted = limit - level if granted else 1 - level
        return Allowance(granted, limit, WINDOW, int(level), ceil(wanted * WINDOW / limit))
