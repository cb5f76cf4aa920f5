"""Computation in other processes, a few at a time; whoever is cancelled ends the process that works for him."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar, TypeVarTuple

import anyio
from anyio import to_process

from crm_platform.settling import settle_in

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Compute:
    """Runs functions in processes of their own, so that the event loop goes on and they can be stopped."""

    def __init__(self, processes: int) -> None:
        """At most so many at a time; others wait."""
        self._limit = anyio.CapacityLimiter(processes)

    async def __call__(self, function: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """What ``function`` returns; it is importable, and takes and returns what can be pickled.

        Raises:
            anyio.BrokenWorkerProcess: The process ended by itself, such as for want of memory.
        """
        return await to_process.run_sync(_run, function, arguments, cancellable=True, limiter=self._limit)


def _run(function: Callable[[*Ts], T], arguments: tuple[*Ts]) -> T:
    _settled()
    return function(*arguments)


@cache
def _settled() -> None:
    """Once in each process, when what is needed has been imported to take in its first arguments."""
    settle_in()
