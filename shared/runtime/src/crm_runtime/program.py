"""The Python processes of the deployables: a migration that ends, and programs that serve until stopped."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_runtime.child import Child, ChildSpec, last_lines, log_size
from crm_runtime.errors import RuntimeProblem
from crm_runtime.http_probe import http_status
from crm_runtime.ports import wait_until_free

HEALTH_PATH = "/health/ready"
READY_STATUS = 200
_PROBE_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Commands:
    """How the processes of a deployable are started; `{package}` stands for its package."""

    migrate: tuple[str, ...] = (sys.executable, "-m", "crm_platform.migrate", "{package}")
    serve: tuple[str, ...] = (sys.executable, "-m", "crm_platform.serve", "{package}.main:create_app")
    work: tuple[str, ...] = (sys.executable, "-m", "crm_platform.work", "{package}.worker:create_worker")
    shared_modules: tuple[str, ...] = ("crm_platform.serve", "crm_platform.work", "crm_platform.migrate")
    """What these processes import in common; each of the commands' modules has a function `main`."""


Spawn = Callable[[ChildSpec], Awaitable[Child]]
"""Starts a process: `Child.start`, or that of a launcher."""


def filled_in(command: tuple[str, ...], package: str) -> list[str]:
    """The command with the package's name in its place."""
    return [part.format(package=package) for part in command]


class Program:
    """A process that answers HTTP on a port of its own; started means that it said it is ready."""

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: Mapping[str, str],
        *,
        port: int,
        log_file: Path,
        spawn: Spawn,
        ready_seconds: float = 90.0,
        grace_seconds: float = 25.0,
    ) -> None:
        self._spec = ChildSpec(
            name=name, command=command, environment=environment, log_file=log_file, grace_seconds=grace_seconds
        )
        self._port = port
        self._spawn = spawn
        self._ready_seconds = ready_seconds
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The running process."""
        if self._child is None:
            raise RuntimeError(f"{self._spec.name} has not been started")
        return self._child

    async def start(self) -> None:
        """Start it and wait until it is ready; when it ends or the time is up, its last words are in the error."""
        await wait_until_free(self._port, self._spec.name)
        log_from = log_size(self._spec.log_file)
        self._child = await self._spawn(self._spec)
        deadline = time.monotonic() + self._ready_seconds
        while await http_status(self._port, HEALTH_PATH) != READY_STATUS:
            if self.child.exit_code is not None:
                raise self._problem(f"ended while starting ({describe_exit(self.child.exit_code)})", log_from)
            if time.monotonic() > deadline:
                raise self._problem(f"was not ready after {self._ready_seconds:.0f} s", log_from)
            await asyncio.sleep(_PROBE_SECONDS)

    async def stop(self) -> None:
        """Ask it to end, and kill it after the grace time."""
        if self._child is not None:
            await self._child.stop()

    def _problem(self, what: str, log_from: int) -> RuntimeProblem:
        log_file = self._spec.log_file
        lines = last_lines(log_file, since=log_from)
        return RuntimeProblem(f"{self._spec.name} {what}; its log is {log_file}.", log_lines=lines)


async def run_to_end(
    name: str, command: list[str], environment: Mapping[str, str], log_file: Path, *, spawn: Spawn
) -> None:
    """Run a process until it ends; anything but exit code 0 is a problem that shows its last words."""
    log_from = log_size(log_file)
    child = await spawn(ChildSpec(name=name, command=command, environment=environment, log_file=log_file))
    try:
        code = await child.wait()
    except asyncio.CancelledError:
        await child.stop()
        raise
    if code != 0:
        raise RuntimeProblem(
            f"{name} failed ({describe_exit(code)}); its log is {log_file}.",
            log_lines=last_lines(log_file, since=log_from),
        )


def describe_exit(code: int) -> str:
    """An exit code in words; a negative one is the number of the signal that ended the process."""
    return f"exit code {code}" if code >= 0 else f"killed by signal {-code}"
