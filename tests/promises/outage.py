"""A service whose process is gone, or whose port takes connections and never answers."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from crm_platform.testing.waiting import until
from crm_runtime.ports import LOOPBACK, accepts_connections
from tests.real_system import RealSystem


@dataclass
class BlackHole:
    """Takes requests and never answers."""

    heads: int = 0
    """Requests that came."""
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.heads += 1
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    def close(self) -> None:
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def unsupervised(system: RealSystem) -> AsyncIterator[None]:
    """Nothing that ends is started again within this block; all of it is afterwards."""
    system.state.supervisor.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        system.state.supervisor.signal(signal.SIGCONT)


async def killed(system: RealSystem, name: str) -> int:
    """Kill the process of that name; returns the port at which nobody is any more."""
    record = system.record(name)
    assert record is not None, name
    record.identity.signal(signal.SIGKILL)

    async def gone() -> bool:
        return not accepts_connections(record.port)

    await until(gone)
    return record.port


@asynccontextmanager
async def black_hole(port: int) -> AsyncIterator[BlackHole]:
    """A black hole at that port."""
    hole = BlackHole()
    server = await asyncio.start_server(hole, LOOPBACK, port)
    try:
        yield hole
    finally:
        server.close()
        hole.close()
