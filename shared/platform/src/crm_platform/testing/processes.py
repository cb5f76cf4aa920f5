"""Processes that a test may kill or freeze.

A module that calls :func:`serve` is a nursery: it imports everything once, and then forks a process for each line of
JSON that it reads, so that a victim starts in milliseconds. A line with a pid asks for the exit status of that process.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from crm_platform.events.crashpoints import arm
from crm_platform.testing.waiting import until

Run = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]
"""What a victim does with its options."""


@dataclass
class Victim:
    """A process that the test may kill or freeze."""

    pid: int
    _nursery: "Nursery"
    _ended: bool = False

    def signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    async def frozen(self) -> None:
        """Wait until it has stopped itself."""
        await self._until(psutil.STATUS_STOPPED)

    async def exit_code(self) -> int:
        """Wait for its end; minus the signal's number when a signal ended it."""
        await self._until(psutil.STATUS_ZOMBIE)
        self._ended = True
        return os.waitstatus_to_exitcode(self._nursery.ask(self.pid))

    async def end(self) -> None:
        """Kill it, should it still run."""
        if not self._ended:
            self.signal(signal.SIGKILL)
            await self.exit_code()

    async def _until(self, status: str) -> None:
        async def reached() -> bool:
            return psutil.Process(self.pid).status() == status

        await until(reached, seconds=60, why=lambda: status)


class Nursery:
    """Starts victims.

    Args:
        module: Says what they do, by calling :func:`serve`.
        folders: Where it and what it imports are, beside what this process imports from.
    """

    def __init__(self, module: str, folders: Sequence[Path] = ()) -> None:
        self._process = subprocess.Popen(  # noqa: S603  a module of the tests
            [sys.executable, "-m", module],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([*map(str, folders), *sys.path])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._read() == "ready"

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def ask(self, request: object) -> int:
        """Send a request and return the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._read())

    def close(self) -> None:
        """End it; what its victims had begun to import in processes of their own may take until it is done."""
        self._process.communicate(timeout=60)

    @asynccontextmanager
    async def spawned(self, options: dict[str, Any]) -> AsyncIterator[Victim]:
        """A process that does what the module does with ``options``, among them its ``crashpoint``."""
        pid = self.ask(options)
        victim = Victim(pid, self)
        try:
            yield victim
        finally:
            await victim.end()


def spawn(run: Run, options: dict[str, Any]) -> int:
    """Fork a victim that does what ``run`` says; its pid."""
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        arm(options["crashpoint"])
        asyncio.run(run(options))
        os._exit(0)
    return pid


def serve(run: Run) -> None:
    """Serve requests until the input ends."""
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        request = json.loads(line)
        answer = spawn(run, request) if isinstance(request, dict) else os.waitpid(request, 0)[1]
        print(answer, flush=True)  # noqa: T201
