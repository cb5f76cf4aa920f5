"""The connections to one service."""

import asyncio
import ssl
from urllib.parse import urlsplit

from gateway.proxy.http1.connection import Connection
from gateway.proxy.http1.errors import ConnectFailed
from gateway.proxy.http1.request import Request
from gateway.proxy.http1.response import Response


class Pool:
    """Connects where no idle connection is left, so there are never more than exchanges at a time.

    Args:
        base_url: ``http://host:port`` or ``https://host:port`` of the service.
        connect_timeout: Seconds to open a connection, with TLS where it has that.
        keepalive_timeout: Seconds an idle connection is kept; less than the service keeps it.
    """

    def __init__(self, base_url: str, *, connect_timeout: float, keepalive_timeout: float) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or parts.hostname is None:
            raise ValueError(base_url)
        self._secure = parts.scheme == "https"
        self._address = parts.hostname, parts.port or (443 if self._secure else 80)
        self._host = parts.netloc.rpartition("@")[2].encode("ascii")
        self._tls = ssl.create_default_context() if self._secure else None
        self._connect_timeout = connect_timeout
        self._keepalive = keepalive_timeout
        self._idle: list[Connection] = []
        self._busy: dict[Response, Connection] = {}
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> int:
        """Connections that the next exchange could use."""
        return sum(connection.reusable for connection in self._idle)

    async def send(self, request: Request) -> Response:
        """Send ``request``; hand the response to :meth:`release` in the end, read or not.

        Raises:
            HttpError: There is no response.
        """
        connection = self._take() or await self._connect()
        try:
            response = await connection.exchange(request, self._host)
        except BaseException:
            connection.close()
            raise
        self._busy[response] = connection
        return response

    def release(self, response: Response) -> None:
        """Keep the connection for the next exchange, or close it where this one has not come to its end."""
        connection = self._busy.pop(response)
        if not response.at_end or not connection.reusable:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(self._keepalive, self._drop_stale)

    def close(self) -> None:
        """Close all connections."""
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in (*self._idle, *self._busy.values()):
            connection.close()
        self._idle.clear()

    def _take(self) -> Connection | None:
        """The connection that was used last: it is the least likely to be stale, and the others may grow old."""
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        return None

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_timeout):
                _, connection = await loop.create_connection(Connection, *self._address, ssl=self._tls)
        except OSError as error:  # TimeoutError and those of TLS are ones
            raise ConnectFailed(str(error)) from error
        return connection

    def _drop_stale(self) -> None:
        loop = asyncio.get_running_loop()
        limit = loop.time() - self._keepalive
        fresh = []
        for connection in self._idle:
            if connection.idle_since > limit and connection.reusable:
                fresh.append(connection)
            else:
                connection.close()
        self._idle = fresh
        self._sweep = loop.call_later(self._keepalive / 2, self._drop_stale) if fresh else None
