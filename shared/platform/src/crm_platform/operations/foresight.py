"""The next step of an operation, prepared while the present one is done: reading and computing need no transaction."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

_GRACE: Final = 1.0
"""Seconds that it gets to come to its end."""


class Foresight:
    """Holds what is being prepared for one cursor; nothing depends on it: what is not here is prepared when needed."""

    def __init__(self) -> None:
        self._cursor: Any = None
        self._task: asyncio.Task[Any] | None = None

    @property
    def is_at_work(self) -> bool:
        """Whether something is being prepared, or is ready."""
        return self._task is not None

    def begin(self, cursor: Any, preparing: Coroutine[Any, Any, Any]) -> None:
        """Prepare for the step that begins at ``cursor``."""
        self._cursor, self._task = cursor, asyncio.create_task(preparing, name="operation-foresight")

    async def take(self, cursor: Any) -> asyncio.Task[Any] | None:
        """What is being prepared for the step that begins at ``cursor``; None where that came out otherwise."""
        task, self._task = self._task, None
        if task is None or self._cursor == cursor:
            return task
        await _ended(task)
        return None

    async def drop(self) -> None:
        """Nobody goes on here."""
        task, self._task = self._task, None
        if task is not None:
            await _ended(task)


async def _ended(task: asyncio.Task[Any]) -> None:
    # What computes is mostly done by then, and a process that is ended has to be started anew for the next.
    await asyncio.wait({task}, timeout=_GRACE)
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # whoever needs the step prepares it anew, and is told
