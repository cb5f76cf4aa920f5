"""One child process: its log file, its end, and its certain death with the parent."""

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from crm_runtime.processes import ProcessIdentity

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child between fork and exec must not import or look up anything.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass(frozen=True)
class SystemUser:
    """The unprivileged user as whom a child runs when the parent is root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, kw_only=True)
class ChildSpec:
    """How to start a child and how it wants to be stopped."""

    name: str
    command: Sequence[str]
    log_file: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    working_dir: Path | None = None
    user: SystemUser | None = None
    stop_signal: int = signal.SIGTERM
    grace_seconds: float = 10.0


class Process(Protocol):
    """What is needed of a process object; asyncio's has it."""

    @property
    def returncode(self) -> int | None:
        """None while it runs."""

    async def wait(self) -> int:
        """Wait for its end."""

    def send_signal(self, signal: int, /) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """SIGKILL."""


class Child:
    """A running child. It gets `stop_signal` from the kernel should this process be killed (Linux)."""

    def __init__(self, spec: ChildSpec, process: Process, identity: ProcessIdentity) -> None:
        self.spec = spec
        self.identity = identity
        self._process = process

    @classmethod
    async def start(cls, spec: ChildSpec) -> "Child":
        """Start the process; its output is appended to the log file."""
        spec.log_file.parent.mkdir(parents=True, exist_ok=True)
        with spec.log_file.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *spec.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(spec.environment) or None,
                cwd=spec.working_dir,
                # Its own group: Ctrl-C reaches the parent alone, which then stops the children in order.
                start_new_session=True,
                preexec_fn=die_with_parent(spec.stop_signal),
                user=spec.user.uid if spec.user else None,
                group=spec.user.gid if spec.user else None,
                extra_groups=[] if spec.user else None,
            )
        identity = ProcessIdentity.of(process.pid) or ProcessIdentity(process.pid, "")
        return cls(spec, process, identity)

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait for its end and return the exit code."""
        return await self._process.wait()

    async def stop(self) -> bool:
        """Ask it to end, kill it after the grace time; True when it ended by itself."""
        if self.exit_code is not None:
            return True
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(self.spec.stop_signal)
        try:
            await asyncio.wait_for(self._process.wait(), self.spec.grace_seconds)
        except TimeoutError:
            self.kill()
            await self._process.wait()
            return False
        return True

    def kill(self) -> None:
        """SIGKILL, at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()


def die_with_parent(number: int) -> Callable[[], None] | None:
    """What a child does between fork and exec to get this signal when the forking thread of its parent ends."""
    prctl = _prctl
    if prctl is None:
        return None
    parent = os.getpid()

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, number)
        # The parent may have died between the fork and the line above.
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def last_lines(log_file: Path, count: int = 20, *, since: int = 0) -> tuple[str, ...]:
    """The last lines of a log after a position in bytes, from at most its last 64 KiB; empty when there is none."""
    try:
        with log_file.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(since, size - 65_536, 0))
            text = log.read().decode("utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(text.splitlines()[-count:])


def log_size(log_file: Path) -> int:
    """Length in bytes; 0 when there is no log yet."""
    try:
        return log_file.stat().st_size
    except FileNotFoundError:
        return 0


def rotate(log_file: Path, *, limit_bytes: int) -> None:
    """Keep one older log beside the current one once that has grown beyond the limit.

    The content is copied away and the file emptied in place: its writer keeps it open in append mode and goes on
    at the beginning. What it writes between the copy and the emptying is lost, which a log can bear.
    """
    if log_size(log_file) > limit_bytes:
        shutil.copyfile(log_file, log_file.with_suffix(log_file.suffix + ".1"))
        os.truncate(log_file, 0)
