"""Operating-system processes, identified so that a recycled process id is never mistaken for ours."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

POLL_SECONDS = 0.02


@dataclass(frozen=True)
class ProcessIdentity:
    """A process id together with the moment that process began.

    `began` is opaque: on Linux the boot id and the start in clock ticks since boot (which no change of the
    wall clock moves), elsewhere the creation time that the system reports.
    """

    pid: int
    began: str

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity | None":
        """The identity of a process that lives now; None when there is none (or it is a zombie)."""
        began = _began(pid)
        return None if began is None else cls(pid, began)

    def lives(self) -> bool:
        """True when this very process, not a later one with the same id, is running."""
        return _began(self.pid) == self.began

    def signal(self, number: int) -> bool:
        """Send a signal to this very process; False when it is gone."""
        if hasattr(os, "pidfd_open"):
            return self._signal_by_descriptor(number)
        if not self.lives():
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    def _signal_by_descriptor(self, number: int) -> bool:
        # The descriptor is opened before the check, so that the id cannot be recycled between check and signal.
        try:
            descriptor = os.pidfd_open(self.pid)
        except OSError:
            return False
        try:
            if not self.lives():
                return False
            signal.pidfd_send_signal(descriptor, number)
        except ProcessLookupError:
            return False
        finally:
            os.close(descriptor)
        return True


def _began(pid: int) -> str | None:
    if Path("/proc/self/stat").exists():
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        # The second field is the program's name in brackets and may itself hold blanks and brackets.
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in {"Z", "X"} else f"{_boot_id()}:{fields[19]}"
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.Error:
        return None


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


async def end(identity: ProcessIdentity, *, gentle: int = signal.SIGTERM, grace_seconds: float = 10.0) -> bool:
    """Stop a process that need not be our child: `gentle` first, SIGKILL after the grace time.

    Returns True when it went by itself, False when it had to be killed. A process that is gone counts as True.
    """
    if not identity.signal(gentle):
        return True
    if await _gone(identity, grace_seconds):
        return True
    identity.signal(signal.SIGKILL)
    await _gone(identity, grace_seconds)
    return False


async def _gone(identity: ProcessIdentity, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while identity.lives():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


def working_in(folder: Path, *, name: str) -> Iterator[ProcessIdentity]:
    """Processes of that program name whose working directory is the folder, as far as this user may see them."""
    wanted = folder.resolve()
    for process in psutil.process_iter(["name"]):
        if process.info["name"] != name:
            continue
        try:
            matches = Path(process.cwd()) == wanted
        except (psutil.Error, OSError):
            continue
        identity = ProcessIdentity.of(process.pid) if matches else None
        if identity is not None:
            yield identity


def command_line(pid: int) -> list[str]:
    """The arguments a process was started with; empty when it is gone or hidden from this user."""
    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []
