"""A response while it arrives."""

import asyncio
from collections.abc import Callable
from typing import Final

from gateway.proxy.http1.errors import HttpError

HIGH_WATER: Final = 64 * 1024
"""Bytes that are held for a slow reader; the connection is not read from beyond."""


class Response:
    """The head of a response, and its body as a stream. One task reads it; the connection feeds it.

    Attributes:
        status: Status code.
        headers: Names in lower case.
        content_length: Announced size of the body; None where it is not known.
    """

    __slots__ = (
        "_failure",
        "_held",
        "_pieces",
        "_resume",
        "_waiter",
        "content_length",
        "ended",
        "has_head",
        "headers",
        "status",
    )

    def __init__(self, resume: Callable[[], None]) -> None:
        """``resume`` is called whenever the reader has taken what was held."""
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.content_length: int | None = None
        self.has_head = False
        self.ended = False
        self._resume = resume
        self._pieces: list[bytes] = []
        self._held = 0
        self._failure: HttpError | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def wait_for_head(self) -> None:
        """Wait until status and headers are there.

        Raises:
            HttpError: They will never be.
        """
        while not self.has_head:
            await self._change()

    async def read_some(self) -> bytes:
        """What has arrived and was not read; waits for it, and is empty only at the end.

        Raises:
            HttpError: The rest will never come.
        """
        while not self._pieces and not self.ended:
            await self._change()
        pieces = self._pieces
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._held = 0
        self._resume()
        return data

    async def read(self, limit: int) -> bytes:
        """The whole body, or its beginning of more than ``limit`` bytes.

        Raises:
            HttpError: The rest will never come.
        """
        data = await self.read_some()
        while not self.at_end and len(data) <= limit:
            data += await self.read_some()
        return data

    @property
    def at_end(self) -> bool:
        """Whether everything has been read."""
        return self.ended and not self._pieces

    @property
    def crowded(self) -> bool:
        """Whether the reader is so far behind that no more should come."""
        return self._held > HIGH_WATER

    def header(self, name: bytes) -> bytes:
        """The first value of a header; empty where there is none."""
        return next((value for key, value in self.headers if key == name), b"")

    def begin(self) -> None:
        """The head is complete."""
        self.has_head = True
        self._wake()

    def add(self, piece: bytes) -> None:
        """A piece of the body came."""
        self._pieces.append(piece)
        self._held += len(piece)
        self._wake()

    def end(self) -> None:
        """Nothing more will come, as it should be."""
        self.ended = True
        self._wake()

    def fail(self, failure: HttpError) -> None:
        """Nothing more will come, too early; what came can still be read."""
        if self._failure is None and not self.ended:
            self._failure = failure
            self._wake()

    async def _change(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
