"""Doing harm to processes of ours, each named by its identity, never by a pattern."""

import asyncio
import contextlib
import shutil
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil

from crm_platform.testing.waiting import until
from crm_runtime.processes import ProcessIdentity
from crm_runtime.run_state import ProcessRecord
from tests.chaos.rig import Rig
from tests.chaos.schedule import Fault, Kind


@dataclass
class Injector:
    """Injects faults, and remembers when the last one was over."""

    rig: Rig
    injected: list[Fault] = field(default_factory=list)
    last_at: float = 0.0
    """`time.monotonic()` when the last fault, or the freeze that lasted longest, ended."""
    _thaws: list[asyncio.Task[None]] = field(default_factory=list)
    _frozen: list[ProcessIdentity] = field(default_factory=list)
    """Whatever was ever frozen."""

    async def play(self, faults: Sequence[Fault]) -> None:
        """Inject all of `faults`, and return when the last freeze is over."""
        try:
            for fault in faults:
                await asyncio.sleep(fault.after)
                await self.inject(fault)
            await asyncio.gather(*self._thaws)
        finally:
            for task in self._thaws:
                task.cancel()
            # Whatever ended this early, nothing stays frozen: nobody could stop it in order.
            thaw(self._frozen)

    async def inject(self, fault: Fault) -> None:
        """Inject one fault; a victim that is just being started again is hit as soon as it is there."""
        record = await self._find(fault.victim)
        if fault.kind is Kind.FREEZE:
            frozen = freeze(record.identity)
            self._frozen += frozen
            self._thaws.append(asyncio.create_task(self._thaw(frozen, fault.seconds), name=f"thaw {fault.victim}"))
        elif fault.kind is Kind.WIPE:
            self._wipe(record.identity)
        else:
            record.identity.signal(signal.SIGKILL if fault.kind is Kind.KILL else record.stop_signal)
        self.injected.append(fault)
        self.last_at = max(self.last_at, time.monotonic())

    async def _find(self, name: str) -> ProcessRecord:
        async def running() -> list[ProcessRecord]:
            found = self.rig.record(name)
            return [found] if found else []

        return (await until(running, seconds=60))[0]

    async def _thaw(self, frozen: Sequence[ProcessIdentity], seconds: float) -> None:
        await asyncio.sleep(seconds)
        thaw(frozen)
        self.last_at = max(self.last_at, time.monotonic())

    def _wipe(self, broker: ProcessIdentity) -> None:
        # Frozen first: nothing is written any more, and it cannot be started again before the folder is gone.
        broker.signal(signal.SIGSTOP)
        shutil.rmtree(self.rig.system.folder / "broker")
        broker.signal(signal.SIGKILL)


def freeze(process: ProcessIdentity) -> list[ProcessIdentity]:
    """Stop a process and all that it has started (the sessions of PostgreSQL), parents first."""
    process.signal(signal.SIGSTOP)
    frozen = [process]
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            identity = ProcessIdentity.of(child.pid)
            if identity is not None and identity.signal(signal.SIGSTOP):
                frozen.append(identity)
    return frozen


def thaw(frozen: Sequence[ProcessIdentity]) -> None:
    """Let them go on."""
    for process in frozen:
        process.signal(signal.SIGCONT)


@asynccontextmanager
async def frozen(rig: Rig, *names: str) -> AsyncIterator[None]:
    """Keep processes frozen for the length of the block."""
    processes = []
    for name in names:
        identity = rig.process(name)
        assert identity is not None, name
        processes += freeze(identity)
    try:
        yield
    finally:
        thaw(processes)
