"""A way to PostgreSQL on which everything can come to a standstill without anybody noticing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self
from urllib.parse import urlsplit


class Tunnel:
    """Passes bytes on while it is open; see :meth:`stop`."""

    def __init__(self, url: str) -> None:
        self._place = urlsplit(url)
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator[Self]:
        """A tunnel to the database at ``url``."""
        tunnel = cls(url)
        server = await asyncio.start_server(tunnel._accept, "127.0.0.1", 0)
        tunnel._port = server.sockets[0].getsockname()[1]
        try:
            yield tunnel
        finally:
            server.close()
            for task in tunnel._tasks:
                task.cancel()
            await asyncio.gather(*tunnel._tasks, return_exceptions=True)
            await server.wait_closed()

    @property
    def url(self) -> str:
        """The database, through the tunnel."""
        place = self._place
        return f"{place.scheme}://{place.username}:{place.password}@127.0.0.1:{self._port}{place.path}"

    def stop(self) -> None:
        """Let nothing through any more, as a network does that has lost its way."""
        self._open.clear()

    def go_on(self) -> None:
        """Let everything through again."""
        self._open.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._place.hostname, self._place.port)
        for source, target in ((reader, there[1]), (there[0], writer)):
            task = asyncio.create_task(self._pass_on(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await self._open.wait()
                target.write(data)
                await target.drain()
        target.close()
