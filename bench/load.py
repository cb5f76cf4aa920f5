"""Load on a server: kept connections, each of which sends a request as soon as the last one is answered."""

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

Make = Callable[[], bytes]
"""Makes the next request."""

CONNECTIONS = 16


def request(path: str, token: str, *, method: str = "GET", body: bytes = b"", headers: tuple[str, ...] = ()) -> bytes:
    """A request as a partner's program sends it."""
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: crm.example",
        f"Authorization: Bearer {token}",
        "Accept: application/json",
        "Accept-Encoding: gzip, deflate",
        "User-Agent: bench",
        *headers,
        *([f"Content-Length: {len(body)}", "Content-Type: application/json"] if body else []),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load came to."""

    times: list[float]
    seconds: float

    @property
    def count(self) -> int:
        """Requests that were answered."""
        return len(self.times)

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.count / self.seconds

    @property
    def p50(self) -> float:
        """The median time to an answer, in µs."""
        return statistics.median(self.times) * 1e6

    @property
    def p99(self) -> float:
        """The time, in µs, that one answer in a hundred exceeds."""
        return statistics.quantiles(self.times, n=100)[98] * 1e6


class _Client(asyncio.Protocol):
    """One connection; answers have a length and a status below 300."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[bytes] | None = None
        self._wanted = 0
        self._came = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's transports derive from nothing

    def data_received(self, data: bytes) -> None:
        """Collect until the answer is whole."""
        self._came += data
        if not self._wanted:
            head, found, _ = self._came.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 2"), self._came
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            self._wanted = len(head) + 4 + int(length.partition(b":")[2])
        if len(self._came) >= self._wanted and self._answer is not None:
            answer, self._came, self._wanted = self._came, b"", 0
            self._answer.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        """A server that hangs up has failed the benchmark."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("the server hung up"))

    async def ask(self, request: bytes) -> bytes:
        """Send the request; returns the whole answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


async def ask(port: int, request: bytes) -> bytes:
    """The body of one answer."""
    _, client = await asyncio.get_running_loop().create_connection(_Client, "127.0.0.1", port)
    answer = await client.ask(request)
    client.transport.close()
    return answer.partition(b"\r\n\r\n")[2]


async def drive(port: int, make: Make, *, seconds: float, connections: int = CONNECTIONS) -> Outcome:
    """Ask for ``seconds``."""
    loop = asyncio.get_running_loop()
    clients = [(await loop.create_connection(_Client, "127.0.0.1", port))[1] for _ in range(connections)]
    times: list[float] = []
    started = time.perf_counter()

    async def go(client: _Client) -> None:
        while (began := time.perf_counter()) < started + seconds:
            await client.ask(make())
            times.append(time.perf_counter() - began)

    await asyncio.gather(*(go(client) for client in clients))
    took = time.perf_counter() - started
    for client in clients:
        client.transport.close()
    return Outcome(times, took)
