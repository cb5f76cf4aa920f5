"""An API process that is asked to stop: what its connections see of it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from starlette.types import Receive, Scope, Send

from crm_platform.http.server import NOT_TAKEN, Server
from crm_platform.settings import HttpSettings
from crm_platform.testing.waiting import until
from crm_runtime.ports import free_ports

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
LAST_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Here(Server):
    """The server of an API process, inside of this one."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Leaver:
    """A server, and an app that answers when it is let."""

    settings: HttpSettings
    events: list[str] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    head_first: bool = False
    streams: list[Stream] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.go_on.set()
        self.server = _Here(self._app, self.settings, on_leaving=lambda: self.events.append("leaving"))

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await receive()
        self.events.append(scope["method"])
        head = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
        if self.head_first:
            await send(head)
        await self.go_on.wait()
        if not self.head_first:
            await send(head)
        await send({"type": "http.response.body", "body": b"ok"})

    async def connect(self) -> Stream:
        self.streams.append(await asyncio.open_connection("127.0.0.1", self.settings.port))
        return self.streams[-1]

    async def ask(self, stream: Stream, expected: bytes = ANSWER) -> None:
        stream[1].write(GET)
        assert await stream[0].readexactly(len(expected)) == expected

    def leave(self) -> None:
        self.server.should_exit = True

    async def left(self) -> bool:
        return "leaving" in self.events

    async def took(self) -> bool:
        return "GET" in self.events


async def rest_of(stream: Stream) -> bytes:
    found = await asyncio.wait_for(stream[0].read(), 30)
    stream[1].close()
    return found


@asynccontextmanager
async def leaver(**settings: float) -> AsyncIterator[Leaver]:
    (port,) = free_ports(1)
    one = Leaver(HttpSettings.model_validate({"port": port, "drain_seconds": 30, **settings}))
    serving = asyncio.create_task(one.server.serve())
    await until(lambda: asyncio.sleep(0, one.server.started))
    try:
        yield one
    finally:
        one.leave()
        await asyncio.wait_for(serving, 60)
        for _, writer in one.streams:
            writer.close()


async def test_idle_connections_are_told_that_nothing_more_is_taken() -> None:
    async with leaver() as one:
        used, new = await one.connect(), await one.connect()
        await one.ask(used)
        one.leave()

        assert [await rest_of(used), await rest_of(new)] == [NOT_TAKEN, NOT_TAKEN]
    assert one.events == ["GET", "leaving"]


async def test_a_request_that_crosses_the_farewell_is_not_taken() -> None:
    async with leaver() as one:
        stream = await one.connect()
        await one.ask(stream)
        one.leave()
        assert await stream[0].readexactly(len(NOT_TAKEN)) == NOT_TAKEN
        stream[1].write(GET)

        assert await rest_of(stream) == b""
    assert one.events == ["GET", "leaving"]


async def test_a_request_that_has_begun_is_finished_and_its_connection_ends() -> None:
    async with leaver() as one:
        stream = await one.connect()
        one.go_on.clear()
        stream[1].write(GET)
        await until(one.took)
        one.leave()
        await until(one.left)
        one.go_on.set()

        assert await rest_of(stream) == LAST_ANSWER
    assert one.events == ["GET", "leaving"]


async def test_an_answer_whose_head_is_out_is_followed_by_the_farewell() -> None:
    async with leaver() as one:
        stream = await one.connect()
        one.head_first = True
        one.go_on.clear()
        stream[1].write(GET)
        assert await stream[0].readexactly(len(ANSWER) - 2) == ANSWER[:-2]
        one.leave()
        await until(one.left)
        one.go_on.set()

        assert await rest_of(stream) == b"ok" + NOT_TAKEN


async def test_half_a_request_is_not_taken() -> None:
    async with leaver() as one:
        stream = await one.connect()
        stream[1].write(GET[:-4])
        await one.ask(await one.connect())
        one.leave()

        assert await rest_of(stream) == NOT_TAKEN
    assert one.events == ["GET", "leaving"]


async def test_while_it_leaves_it_lets_in_and_each_answer_is_the_last_of_its_connection() -> None:
    async with leaver(leave_seconds=2.0) as one:
        old = await one.connect()
        await one.ask(old)
        one.leave()
        await until(one.left)
        fresh = await one.connect()
        for stream in (old, fresh):
            await one.ask(stream, LAST_ANSWER)
            assert await rest_of(stream) == b""
    assert one.events == ["GET", "leaving", "GET", "GET"]


async def test_nobody_is_let_in_afterwards() -> None:
    async with leaver() as one:
        stream = await one.connect()
        one.go_on.clear()
        stream[1].write(GET)
        await until(one.took)
        one.leave()
        await until(one.left)

        async def refused() -> bool:
            try:
                other = await one.connect()
            except ConnectionRefusedError:
                return True
            except ConnectionResetError:
                # Its turn had not come when nobody was let in any more.
                return False
            return not other

        await until(refused)
        one.go_on.set()
        assert await rest_of(stream) == LAST_ANSWER


async def test_a_client_that_does_not_close_does_not_hold_it_up() -> None:
    async with leaver(drain_seconds=3600) as one:
        deaf = socket.create_connection(("127.0.0.1", one.settings.port))
        await one.ask(await one.connect())
    with deaf:
        assert deaf.recv(1000) == NOT_TAKEN


async def test_a_head_does_not_wait_for_a_body_that_is_not_there_yet() -> None:
    async with leaver() as one:
        one.head_first = True
        one.go_on.clear()
        stream = await one.connect()
        stream[1].write(GET)
        head = ANSWER.removesuffix(b"ok")
        assert await asyncio.wait_for(stream[0].readexactly(len(head)), 30) == head

        one.go_on.set()

        assert await asyncio.wait_for(stream[0].readexactly(2), 30) == b"ok"


async def test_a_head_without_a_body_goes_out_before_the_goodbye() -> None:
    async with leaver() as one:
        one.go_on.clear()
        stream = await one.connect()
        stream[1].write(GET.replace(b"GET", b"HEAD"))
        await until(lambda: asyncio.sleep(0, "HEAD" in one.events))
        one.leave()
        await until(one.left)
        one.go_on.set()

        assert (await rest_of(stream)).startswith(ANSWER.removesuffix(b"\r\n\r\nok"))
