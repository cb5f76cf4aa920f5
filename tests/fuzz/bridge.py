"""Lets requests from another thread and another event loop reach an app that runs in this one."""

import asyncio
from itertools import count
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = 120.0
"""Longest a request may take, on however slow a machine."""

_LONGEST_KEY = 255
_KEPT = 240


class Bridge:
    """An ASGI app that may be called from any event loop, and runs ``app`` in ``loop``.

    Body and answer are handed over whole: nothing here streams.
    """

    def __init__(self, app: ASGIApp, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._loop = loop
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and its answer back."""
        if scope["type"] != "http":
            raise NotImplementedError("the app runs already")
        body = await _read(receive)
        scope = {**scope, "headers": [(name, self._once(name, value)) for name, value in scope["headers"]]}
        running = asyncio.run_coroutine_threadsafe(self._run(scope, body), self._loop)
        for message in await asyncio.wait_for(asyncio.wrap_future(running), SECONDS):
            await send(message)

    def _once(self, name: bytes, value: bytes) -> bytes:
        """Each well-formed idempotency key is used once: a second time it only shows the first answer."""
        if (
            name != b"idempotency-key"
            or not 0 < len(value) <= _LONGEST_KEY
            or not value.decode("latin-1").isprintable()
        ):
            return value
        return b"%s-%d" % (value[:_KEPT], next(self._numbers))

    async def _run(self, scope: Scope, body: bytes) -> list[Message]:
        answer: list[Message] = []
        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            if unread:
                return unread.pop()
            return await asyncio.get_running_loop().create_future()  # the client stays

        async def send(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, send)
        return answer


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
