"""The body of a request on its way to a service."""

from collections.abc import AsyncIterator

from starlette.types import Receive

from gateway.proxy.errors import ClientGone


class RequestBody:
    """Streams the client's body; a small one is read first, so that it can be sent a second time.

    Attributes:
        length: Announced size in bytes; None where unknown.
        finished: Everything has been read from the client.
        failure: Why the client's side ended early; the HTTP client hides it behind an error of its own.
    """

    def __init__(self, receive: Receive, length: int | None) -> None:
        self.length = length
        self.finished = length == 0
        self.failure: Exception | None = None
        self._receive = receive
        self._kept: bytes | None = b"" if length == 0 else None
        self._begun = False

    async def keep(self, limit: int) -> None:
        """Read the whole body, where it is announced to have at most ``limit`` bytes."""
        if self.length is not None and 0 < self.length <= limit:
            self._kept = b"".join([chunk async for chunk in self._chunks()])

    @property
    def repeatable(self) -> bool:
        """Whether the body could be sent (again)."""
        return self._kept is not None or not self._begun

    def content(self) -> bytes | AsyncIterator[bytes] | None:
        """What to give to the HTTP client."""
        if self.length == 0:
            return None
        return self._kept if self._kept is not None else self._chunks()

    async def _chunks(self) -> AsyncIterator[bytes]:
        self._begun = True
        while not self.finished:
            if chunk := await self._next():
                yield chunk

    async def _next(self) -> bytes:
        try:
            message = await self._receive()
        except Exception as failure:
            self.failure = failure
            raise
        if message["type"] == "http.disconnect":
            self.failure = ClientGone()
            raise self.failure
        self.finished = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk
