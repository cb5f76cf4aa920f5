"""Statements one after another on one connection; what the next one says is made while PostgreSQL works on the last."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

Statement = Callable[[], Coroutine[Any, Any, None]]


async def in_turn(statements: Iterable[Statement]) -> None:
    """Run statements in order, each while ``statements`` makes the next one.

    Whatever goes wrong, in one of them or in the making of one, nothing is under way any more when that is raised.
    """
    running: asyncio.Task[None] | None = None
    try:
        for statement in statements:
            if running is not None:
                await running
            running = asyncio.create_task(statement())
            await asyncio.sleep(0)  # so that it is sent before the next one is made
        if running is not None:
            await running
    except BaseException as error:
        if running is not None:
            await _settled(running, cancel=isinstance(error, asyncio.CancelledError))
        raise


async def _settled(running: asyncio.Task[None], *, cancel: bool) -> None:
    if cancel:
        running.cancel()
    with suppress(Exception):  # what is raised already came first
        await running
