"""Helpers of these tests: polling, the program `crm` as a process, and the state it writes."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from crm_runtime.cli.app import app
from crm_runtime.cli.installation import Installation
from crm_runtime.cli.output import console
from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import free_ports
from crm_runtime.processes import ProcessIdentity

from .fake_crm import fake_commands, fake_topology

FAKE_CRM = Path(__file__).with_name("fake_crm.py")
DEADLINE_SECONDS = 50.0


def wait_until(condition: Callable[[], object], *, what: str) -> None:
    """Poll until the condition is true; fail when the deadline is over."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {DEADLINE_SECONDS:.0f} s"
        time.sleep(0.02)  # allow no-blocking-sleep: the pause between two looks, with a deadline


async def eventually(condition: Callable[[], Awaitable[object]], *, what: str) -> None:
    """The same for a condition that must be awaited."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not await condition():
        assert time.monotonic() < deadline, f"{what}: not within {DEADLINE_SECONDS:.0f} s"
        await asyncio.sleep(0.02)


@dataclass
class Crm:
    """The program `crm` over one data folder, with two fake deployables on free ports."""

    folder: Path
    ports: list[int] = field(default_factory=lambda: free_ports(6))
    started: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def journal(self) -> list[str]:
        """What the fake programs noted."""
        return (self.folder / "journal").read_text(encoding="utf-8").splitlines()

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(  # noqa: S603 - this project's own program
            self._command(arguments),
            env=self._environment(environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_SECONDS,
        )

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
        """Start `crm up` and return once it says that everything is ready."""
        with (self.folder / "output").open("wb") as output:
            up = subprocess.Popen(  # noqa: S603 - this project's own program
                self._command(("up", *arguments)),
                env=self._environment(environment),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.started.append(up)
        wait_until(lambda: self._is_up(up.pid) or up.poll() is not None, what="crm up")
        assert up.poll() is None, self.output
        return up

    def _is_up(self, pid: int) -> bool:
        state = self.state()
        return bool(state.get("summary")) and state["supervisor"]["pid"] == pid

    @property
    def output(self) -> str:
        """What the last `start` printed so far."""
        return (self.folder / "output").read_text(encoding="utf-8")

    def invoke(self, *arguments: str) -> str:
        """Run a command in this process; returns what it printed, or the sentence with which it refused."""
        console.width = 200
        installation = Installation(topology=fake_topology(self.ports), commands=fake_commands())
        done = CliRunner().invoke(app, [*arguments, "--data-dir", str(self.data_dir)], obj=installation)
        if isinstance(done.exception, RuntimeProblem):
            return done.exception.message
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.output

    def state(self) -> dict[str, Any]:
        """Content of run.json; empty when there is none."""
        try:
            values: dict[str, Any] = json.loads((self.data_dir / "run.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return values

    def process(self, name: str) -> dict[str, Any]:
        """The record of one process; empty while there is none."""
        records: list[dict[str, Any]] = self.state().get("processes", [])
        return next((record for record in records if record["name"] == name), {})

    def identities(self) -> list[ProcessIdentity]:
        """All processes that the state names."""
        return [ProcessIdentity(**record["identity"]) for record in self.state()["processes"]]

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, str(FAKE_CRM), *arguments, "--data-dir", str(self.data_dir)]

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        ours = {
            "FAKE_PORTS": ",".join(map(str, self.ports)),
            "FAKE_JOURNAL": str(self.folder / "journal"),
            "COLUMNS": "200",
            "PYTHONPATH": str(FAKE_CRM.parent),
            "NO_COLOR": "1",
        }
        return {**os.environ, **ours, **more}
