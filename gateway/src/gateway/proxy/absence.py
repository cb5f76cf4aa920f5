"""Waiting for a service that takes no connections, such as while it is being restarted."""

import asyncio
from urllib.parse import urlsplit

from gateway.proxy.breaker import Clock

PROBE_INTERVAL = 0.05
_TO_ANSWER = 0.05
"""Seconds before the deadline at which to give up, so that the caller is told the reason."""


class Absence:
    """How long nobody has been listening at a service's address.

    A refused connection proves that nothing was sent, so that any request may wait and be sent after all. One
    probe looks for the service on behalf of all who wait; once it has been away for ``patience`` seconds, nobody
    waits any more until a connection has been made again.
    """

    def __init__(self, base_url: str, patience: float, clock: Clock) -> None:
        parts = urlsplit(base_url)
        self._address = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
        self._patience = patience
        self._clock = clock
        self._since: float | None = None
        self._probe: asyncio.Task[bool] | None = None

    async def is_over(self, deadline: float) -> bool:
        """Wait until the service takes connections again; False when it has been away for too long.

        ``deadline`` is a time of the event loop's clock after which the caller has no use for it.
        """
        if self._since is None:
            self._since = self._clock()
        if self._probe is None:
            if self._clock() - self._since >= self._patience:
                return False
            self._probe = asyncio.create_task(self._watch(self._since + self._patience))
        probe, left = self._probe, deadline - asyncio.get_running_loop().time() - _TO_ANSWER
        await asyncio.wait({probe}, timeout=max(0.0, left))
        return probe.done() and not probe.cancelled() and probe.result()

    def end(self) -> None:
        """A connection was made."""
        self._since = None

    async def close(self) -> None:
        """Stop looking."""
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.wait({self._probe})

    async def _watch(self, until: float) -> bool:
        try:
            while self._clock() < until:
                await asyncio.sleep(PROBE_INTERVAL)
                if await self._takes_connections():
                    return True
            return False
        finally:
            self._probe = None

    async def _takes_connections(self) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                _, writer = await asyncio.open_connection(*self._address)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True
