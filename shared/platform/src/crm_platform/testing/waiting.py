"""Waiting for something to become true, with a deadline instead of a pause."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_AGAIN = 0.02


async def until(
    condition: Callable[[], Awaitable[T | None]], *, seconds: float = 30, why: Callable[[], object] = lambda: ""
) -> T:
    """Wait until ``condition`` gives something true, and return that.

    Raises:
        AssertionError: It did not within ``seconds``; says what it gave last, and what ``why`` knows.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = await condition()
        if found:
            return found
        if time.monotonic() > deadline:
            message = f"not within {seconds} s; last: {found!r} {why()}"
            raise AssertionError(message)
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=LOOK_AGAIN)
