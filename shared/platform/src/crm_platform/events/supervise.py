"""Running something for ever by building it anew whenever it fails."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType
from typing import Any, Final, TypeVar

import structlog

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

STABLE_SECONDS: Final = 10.0
"""A session that lasted this long was good: its failure does not add to the backoff."""


class Backoff:
    """Waiting times that double up to a limit, with jitter so that instances do not march in step."""

    def __init__(self, *, first: float = 0.1, limit: float = 3.0) -> None:
        """`first` and `limit` are seconds."""
        self._first = first
        self._limit = limit
        self._next = first

    def reset(self) -> None:
        """Start from the shortest wait again."""
        self._next = self._first

    def next(self) -> float:
        """Seconds to wait now."""
        current, self._next = self._next, min(self._next * 2, self._limit)
        return current * random.uniform(0.5, 1.0)  # noqa: S311  spreading load, not a secret


async def wait_any(seconds: float, *events: asyncio.Event) -> bool:
    """Wait until one of `events` is set, at most `seconds`; whether one is."""
    if any(event.is_set() for event in events):
        return True
    waiters = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waiters, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()
    return bool(done)


async def meanwhile(work: Awaitable[_T], beat: Callable[[], Awaitable[object]], *, every: float) -> _T:
    """Wait for `work`, calling `beat` every so many seconds until it is done; if `beat` fails, `work` is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=every))[0]:
            await beat()
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


def being_cancelled() -> bool:
    """Whether the current task was asked to end, as opposed to a `CancelledError` leaking out of a library."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def keep_running(
    session: Callable[[], Awaitable[None]],
    stop: asyncio.Event,
    *,
    name: str,
    on_failure: Callable[[BaseException], None] = lambda _: None,
    limit: float = 3.0,
) -> None:
    """Run `session` again and again until `stop`, waiting up to `limit` seconds between failures."""
    backoff = Backoff(limit=limit)
    while not stop.is_set():
        started = time.monotonic()
        try:
            await session()
        except (Exception, asyncio.CancelledError) as error:
            if being_cancelled():
                raise
            if time.monotonic() - started > STABLE_SECONDS:
                backoff.reset()
            _log.warning("event_session_ended", session=name, error=f"{type(error).__name__}: {error}"[:300])
            on_failure(error)
            await wait_any(backoff.next(), stop)
        else:
            backoff.reset()


def describe_tasks() -> str:
    """Where every task of the running loop waits: for a signal handler that finds out why a process is stuck."""
    lines: list[str] = []
    for task in sorted(asyncio.all_tasks(), key=asyncio.Task.get_name):
        lines.append(f"{task.get_name()}: {task.get_coro()}")
        lines += [
            f"    {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_qualname}" for frame in _frames(task)
        ]
    return "\n".join(lines)


def _frames(task: asyncio.Task[Any]) -> Iterator[FrameType]:
    """From the task's own coroutine down to what it awaits at last; `Task.get_stack` shows only the first."""
    awaited: Any = task.get_coro()
    while awaited is not None:
        found = [getattr(awaited, name, None) for name in ("cr_frame", "gi_frame", "ag_frame")]
        yield from (frame for frame in found if frame is not None)
        ways = [getattr(awaited, name, None) for name in ("cr_await", "gi_yieldfrom", "ag_await")]
        awaited = next((way for way in ways if way is not None), None)
