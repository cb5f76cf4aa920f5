"""A service under test with other settings or routes, and a way to PostgreSQL that can be blocked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from asgi_lifespan import LifespanManager
from fastapi import APIRouter

from crm_platform.app import create_service_app
from crm_platform.testing.plugin import RunningService


@asynccontextmanager
async def with_database(
    running: RunningService, *routers: APIRouter, url: str | None = None, **changes: Any
) -> AsyncIterator[RunningService]:
    """Another process of the service on the same database: with other settings of it, and further routes."""
    address = {"url": url} if url else {}
    settings = running.settings.model_copy(update={"db": running.settings.db.model_copy(update={**changes, **address})})
    service = replace(running.service, routers=(*running.service.routers, *routers))
    app = create_service_app(service, settings)
    another = replace(running, service=service, settings=settings, app=app)
    async with LifespanManager(app), aclosing(another):
        yield another


class Road:
    """A TCP road to PostgreSQL that can be closed, cutting off whoever is on it, and opened again."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._target = (place.hostname, place.port)
        self._credentials = f"{place.scheme}://{place.username}:{place.password}@127.0.0.1"
        self._path = place.path
        self._server: asyncio.Server | None = None
        self._port = 0
        self._travellers: set[asyncio.StreamWriter] = set()
        self._rides: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The database by way of this road."""
        return f"{self._credentials}:{self._port}{self._path}"

    async def open(self) -> None:
        """Let connections through, always at the same port."""
        self._server = await asyncio.start_server(self._ride, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse new connections and break off those that there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._travellers:
            writer.transport.abort()
        if self._rides:
            await asyncio.wait(self._rides)

    async def _ride(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ride = asyncio.current_task()
        assert ride is not None
        self._rides.add(ride)
        ride.add_done_callback(self._rides.discard)
        ends = [writer]
        try:
            there, back = await asyncio.open_connection(*self._target)
            ends.append(back)
            self._travellers.update(ends)
            await asyncio.gather(_carry(reader, back), _carry(there, writer))
        finally:
            self._travellers.difference_update(ends)
            for end in ends:
                end.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def road_to(url: str) -> AsyncIterator[Road]:
    """An open road to the database at ``url``."""
    road = Road(url)
    await road.open()
    try:
        yield road
    finally:
        await road.close()
