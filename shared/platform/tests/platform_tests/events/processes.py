"""Processes that a test may kill: parts of the engine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from crm_platform.testing.waiting import until
from platform_tests.events.support import Ends


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

        await until(reached, why=lambda: status)


class Nursery:
    """Starts victims, see `victim`."""

    def __init__(self, module: str = "platform_tests.events.victim") -> None:
        """`module` says what its victims do."""
        tests = Path(__file__).parents[2]
        self._process = subprocess.Popen(  # noqa: S603  a module of these tests
            [sys.executable, "-m", module],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), *sys.path])},
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
        """End it."""
        self._process.communicate(timeout=5)

    @asynccontextmanager
    async def victim(self, ends: Ends, *parts: str, crashpoint: str = "") -> AsyncIterator[Victim]:
        """Parts of the engine in a process that dies or freezes at a crash point."""
        kafka = {"bootstrap": ends.kafka.bootstrap, "topic_prefix": ends.kafka.topic_prefix, "request_timeout": 3.0}
        dsns = {"producer_dsn": ends.producer_dsn, "reader_dsn": ends.reader_dsn}
        async with self.spawned({**dsns, "kafka": kafka, "parts": parts, "crashpoint": crashpoint}) as victim:
            yield victim

    @asynccontextmanager
    async def spawned(self, options: dict[str, Any]) -> AsyncIterator[Victim]:
        """A process that does what the module does with `options`, among them its `crashpoint`."""
        pid = self.ask(options)
        victim = Victim(pid, self)
        try:
            yield victim
        finally:
            await victim.end()
