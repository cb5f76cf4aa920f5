"""Computation in other processes, a few at a time; whoever is cancelled ends the process that works for him."""

import os
import pickle
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, TypeVarTuple

import anyio
from anyio import to_process

from crm_platform.settling import settle_in

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_FITS: Final = 32_768
"""Bytes that a pipe takes at once."""


class ComputationError(Exception):
    """What a function raised in another process and what cannot come from there; its text says all that is known."""


class Compute:
    """Runs functions in processes of their own, so that the event loop goes on and they can be stopped."""

    def __init__(self, processes: int) -> None:
        """At most so many at a time; others wait."""
        self._limit = anyio.CapacityLimiter(processes)

    async def __call__(self, function: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """What ``function`` returns; it is importable, and takes and returns what can be pickled.

        What it raises is raised here: of the same class and with the same attributes, whatever its constructor wants,
        and with a note of where that was.

        Raises:
            anyio.BrokenWorkerProcess: The process ended by itself, such as for want of memory.
            ComputationError: The function raised what has attributes that cannot be pickled.
        """
        found = await to_process.run_sync(_run, function, arguments, cancellable=True, limiter=self._limit)
        if isinstance(found, _Left):
            found = found.taken()
        if isinstance(found, _Raised):
            raise found.error()
        return found


@dataclass(frozen=True, slots=True)
class _Raised:
    """An exception in parts.

    Pickled as a whole, it would be made anew by calling its class with its arguments, which few classes take.
    """

    kind: type[Exception]
    arguments: tuple[Any, ...]
    attributes: Mapping[str, Any]

    def error(self) -> Exception:
        """The exception as it was."""
        error = self.kind.__new__(self.kind, *self.arguments)
        error.__dict__.update(self.attributes)
        return error


@dataclass(frozen=True, slots=True)
class _Left:
    """A result that lies in the memory of the process until that is asked for the next one.

    A pipe takes it in small pieces: the process would wait until the event loop has time for each of them, and a signal
    in between, such as those that stop it and let it go on, would cut off the rest.
    """

    process: int
    descriptor: int

    def taken(self) -> Any:
        """The result; to be taken before the process is given anything else to do."""
        with Path(f"/proc/{self.process}/fd/{self.descriptor}").open("rb") as content:
            return pickle.load(content)  # noqa: S301  (what our own process has written)


class _Memory:
    """Where a process for computing leaves its last result."""

    def __init__(self) -> None:
        self._descriptor: int | None = None

    def clear(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def sent(self, found: T) -> T | _Left:
        """What goes through the pipe: ``found``, or where it lies."""
        if not hasattr(os, "memfd_create"):  # elsewhere than on Linux
            return found
        content = pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
        if len(content) <= _FITS:
            return found
        self._descriptor = os.memfd_create("result")
        with open(self._descriptor, "wb", closefd=False) as file:
            file.write(content)
        return _Left(os.getpid(), self._descriptor)


_MEMORY: Final = _Memory()


def _run(function: Callable[[*Ts], T], arguments: tuple[*Ts]) -> T | _Raised | _Left:
    _settled()
    _MEMORY.clear()
    try:
        return _MEMORY.sent(function(*arguments))
    except Exception as error:  # noqa: BLE001  (whatever it is, it is told to whoever asked)
        return _parts(error)


def _parts(error: Exception) -> _Raised:
    trace = "".join(traceback.format_exception(error))
    error.add_note(f"In a process for computing:\n{trace}")
    parts = _Raised(type(error), error.args, vars(error))
    try:
        pickle.dumps(parts)
    except Exception:  # noqa: BLE001  (pickle raises what the attributes raise)
        return _Raised(ComputationError, (trace,), {})
    return parts


@cache
def _settled() -> None:
    """Once in each process, when what is needed has been imported to take in its first arguments."""
    settle_in()
