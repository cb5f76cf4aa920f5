"""Sessions that tests keep from one use to the next."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar


class Session(Protocol):
    """What is needed of a connection to keep it."""

    def is_closed(self) -> bool:
        """Whether it has ended, from either side."""

    def terminate(self) -> None:
        """End it at once."""

    async def close(self) -> None:
        """End it in order."""


Kept = TypeVar("Kept", bound=Session)


class KeptSession(Generic[Kept]):
    """One session for uses that come one after the other, as a new one costs ten milliseconds and knows no table yet.

    Uses at the same time have one each. After a failure the session is not used again, and after the end none is kept.

    Args:
        connect: Opens one.
    """

    def __init__(self, connect: Callable[[], Awaitable[Kept]]) -> None:
        self._connect = connect
        self._idle: Kept | None = None
        self._ended = False

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[Kept]:
        """The session, or another one while it is in use."""
        session, self._idle = self._idle, None
        if session is None or session.is_closed():
            session = await self._connect()
        try:
            yield session
        except BaseException:
            session.terminate()
            raise
        spare, self._idle = (session, None) if self._ended else (self._idle, session)
        if spare is not None:
            await spare.close()

    async def aclose(self) -> None:
        """End what is kept."""
        self._ended = True
        session, self._idle = self._idle, None
        if session is not None:
            await session.close()
