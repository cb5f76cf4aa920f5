"""Keeps a set of processes running: starts them, restarts what crashes, stops all of it in order."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Protocol

from crm_runtime.child import Child, rotate
from crm_runtime.errors import RuntimeProblem
from crm_runtime.program import describe_exit
from crm_runtime.run_state import ProcessRecord

LOG_LIMIT_BYTES = 20 * 1024 * 1024
_LOG_CHECK_SECONDS = 30.0
_FIRST_BACKOFF_SECONDS = 0.5
_LONGEST_BACKOFF_SECONDS = 30.0
# A process that ran this long before it crashed is restarted as if it were the first time. One that cannot work ends
# much sooner; one that is merely hit again and again must not be kept away longer each time.
_STEADY_SECONDS = 10.0

Report = Callable[[str], None]
"""Takes one sentence for the person who watches."""


class Part(Protocol):
    """Something that runs as a child process."""

    @property
    def child(self) -> Child:
        """Its process, once started."""

    async def start(self) -> None:
        """Start it (again) and return when it is ready."""

    async def stop(self) -> None:
        """Stop it."""


@dataclass(kw_only=True)
class Kept:
    """A part with what is known of its process."""

    name: str
    part: Part
    port: int
    stage: int
    """Stopped from the lowest to the highest."""
    health_path: str = ""
    restarts: int = 0
    started: float = field(default=0.0)
    keeper: asyncio.Task[None] | None = None

    def record(self) -> ProcessRecord:
        """What is saved of it."""
        child = self.part.child
        return ProcessRecord(
            name=self.name,
            identity=child.identity,
            port=self.port,
            stage=self.stage,
            stop_signal=child.spec.stop_signal,
            health_path=self.health_path,
            started=self.started,
            restarts=self.restarts,
        )


class RestartPause:
    """How long to wait before a restart: longer each time, unless the process had been running steadily."""

    def __init__(self) -> None:
        self._next = _FIRST_BACKOFF_SECONDS

    def after(self, ran: float) -> float:
        """Seconds to wait now, after a process that ran for so many seconds."""
        current = _FIRST_BACKOFF_SECONDS if ran > _STEADY_SECONDS else self._next
        self._next = min(2 * current, _LONGEST_BACKOFF_SECONDS)
        return current


class Supervisor:
    """Starts parts, restarts the ones that end by themselves, and stops them stage by stage.

    `on_change` is called whenever a process was started, so that its id can be saved.
    """

    def __init__(self, report: Report, on_change: Callable[[], None]) -> None:
        self._report = report
        self._on_change = on_change
        self._kept: list[Kept] = []
        self._logs = asyncio.create_task(self._watch_logs())

    def records(self) -> tuple[ProcessRecord, ...]:
        """One record for each process that has been started."""
        return tuple(kept.record() for kept in self._kept if kept.started)

    async def start(self, kept: Kept) -> None:
        """Start a part and keep it running from now on; when it does not become ready this fails."""
        self._kept.append(kept)
        await self._start(kept)
        kept.keeper = asyncio.create_task(self._keep(kept), name=f"keep {kept.name}")

    async def stop_all(self) -> None:
        """Stop everything, lowest stage first, the parts of one stage together."""
        self._logs.cancel()
        for kept in self._kept:
            if kept.keeper is not None:
                kept.keeper.cancel()
        await asyncio.gather(*(kept.keeper for kept in self._kept if kept.keeper), return_exceptions=True)
        ordered = sorted(self._kept, key=lambda kept: kept.stage)
        for _, stage in groupby(ordered, key=lambda kept: kept.stage):
            await asyncio.gather(*(kept.part.stop() for kept in stage))

    def kill_all(self) -> None:
        """SIGKILL to everything, for someone who does not want to wait."""
        for kept in self._kept:
            if kept.started:
                kept.part.child.kill()

    async def _start(self, kept: Kept) -> None:
        kept.started = 0.0
        starting = asyncio.ensure_future(kept.part.start())
        try:
            # Its id is saved as soon as there is one: a crash of ours before it is ready must not orphan it.
            while not starting.done() and not kept.started:
                await asyncio.wait({starting}, timeout=0.05)
                self._note_process(kept)
            await starting
        finally:
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError, RuntimeProblem):
                await starting
        self._note_process(kept)

    def _note_process(self, kept: Kept) -> None:
        with contextlib.suppress(RuntimeError):
            if not kept.started and kept.part.child.exit_code is None:
                kept.started = time.time()
                self._on_change()

    async def _keep(self, kept: Kept) -> None:
        restart = RestartPause()
        while True:
            code = await kept.part.child.wait()
            pause = restart.after(time.time() - kept.started)
            self._report(f"{kept.name} ended unexpectedly ({describe_exit(code)}); restarting it in {pause:.1f} s.")
            await asyncio.sleep(pause)
            kept.restarts += 1
            try:
                await self._start(kept)
            except RuntimeProblem as problem:
                self._report(problem.message)
            else:
                self._report(f"{kept.name} is ready again (pid {kept.part.child.identity.pid}).")

    async def _watch_logs(self) -> None:
        while True:
            await asyncio.sleep(_LOG_CHECK_SECONDS)
            for log_file in {kept.part.child.spec.log_file for kept in self._kept if kept.started}:
                rotate_quietly(log_file)


def rotate_quietly(log_file: Path) -> None:
    """Rotate a log; a full disk must not take the supervisor down."""
    with contextlib.suppress(OSError):
        rotate(log_file, limit_bytes=LOG_LIMIT_BYTES)


async def together(work: Iterable[Awaitable[None]]) -> None:
    """Do all of it at the same time; the first failure cancels the rest and is the one that is raised."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
