"""A real system for tests: every part its own process, started and stopped by the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import asyncpg

from crm_platform.testing.waiting import until
from crm_runtime.bootstrap import Owner, role_url
from crm_runtime.environment import Connections
from crm_runtime.http_probe import http_status
from crm_runtime.ports import LOOPBACK, free_ports, is_free
from crm_runtime.processes import ProcessIdentity
from crm_runtime.run_state import ProcessRecord, RunState
from crm_runtime.secret_file import SecretFile, signing_key
from crm_runtime.topology import TOPOLOGY, Topology

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 240


@dataclass(frozen=True)
class RealSystem:
    """A running system, as its operator sees it."""

    folder: Path
    topology: Topology
    secrets: dict[str, str]
    state: RunState

    @property
    def gateway_url(self) -> str:
        return self.topology.gateway.api_url

    @property
    def admin_url(self) -> str:
        """The system's database, as its superuser."""
        return f"postgresql://postgres:{self.secrets['postgres_admin']}@{LOOPBACK}:{self.topology.postgres_port}/crm"

    def record(self, name: str) -> ProcessRecord | None:
        """What is known of the process that runs under ``name``; None while it is being started again."""
        state = RunState.read(self.folder)
        assert state is not None
        return next((record for record in state.processes if record.name == name), None)

    def process(self, name: str) -> ProcessIdentity | None:
        """The process that runs under ``name`` right now; None while it is being started again."""
        record = self.record(name)
        return record.identity if record else None

    async def end_each(self, names: Iterable[str], number: int = 0) -> None:
        """End one process after the other, each once the one before is ready again.

        ``number`` is the signal; without one each gets that by which it is asked to stop.
        """
        for name in names:
            victim = self.record(name)
            assert victim is not None, name
            victim.identity.signal(number or victim.stop_signal)

            async def back(name: str = name, victim: ProcessRecord = victim) -> bool:
                found = self.record(name)
                if found is None or found.identity == victim.identity or not found.identity.lives():
                    return False
                return not found.health_path or await http_status(found.port, found.health_path) == HTTPStatus.OK

            await until(back, seconds=120, why=lambda name=name: f"{name} is not back")  # type: ignore[misc]

    async def rows(self, package: str, statement: str, *arguments: Any) -> list[Any]:
        """Rows of one service's schema, over all tenants' mechanism tables."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            await connection.execute(f"SET search_path TO {package}")
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()

    def role_url(self, package: str) -> str:
        """The database as the role of one service."""
        admin = f"postgresql://{LOOPBACK}:{self.topology.postgres_port}/crm"
        return role_url(admin, Owner(package, self.secrets[f"role:{package}"]))

    def connections(self) -> Connections:
        """What the system's own processes are told, for more of them."""
        secrets = SecretFile.open(self.folder)
        packages = [one.package for one in self.topology.deployables]
        sealing = [one.package for one in self.topology.deployables if one.seals]
        return Connections(
            database_urls={package: self.role_url(package) for package in packages},
            kafka_bootstrap=self.state.kafka_bootstrap,
            operator_token=secrets.get("operator_token"),
            secret_keys={package: secrets.get(f"key:{package}") for package in packages},
            audit_keys={package: secrets.get(f"audit_key:{package}", signing_key) for package in packages},
            sealing_keys={package: secrets.get(f"sealing_key:{package}") for package in sealing},
            index_secrets={package: secrets.get(f"index_secret:{package}") for package in sealing},
            audit_dir=self.folder / "audit",
            objects_dir=self.folder / "objects",
        )


@contextmanager
def running_system(folder: Path, *arguments: str, story: bool = False, **settings: str) -> Iterator[RealSystem]:
    """A system with the demonstration's tenant, and nothing in it unless the ``story`` is played.

    Args:
        folder: Where it keeps everything.
        arguments: Further ones for ``crm up``.
        story: Whether the story is played first.
        settings: Reach all of its processes.
    """
    offset = free_offset()
    place = ("--data-dir", str(folder))
    playing = "--story" if story else "--no-story"
    try:
        started = crm("up", "--detach", playing, *place, "--port-offset", str(offset), *arguments, settings=settings)
        assert started.returncode == 0, started.stdout + started.stderr
        state = RunState.read(folder)
        assert state is not None
        secrets = json.loads((folder / "secrets.json").read_text(encoding="utf-8"))
        yield RealSystem(folder, TOPOLOGY.shifted(offset), secrets, state)
    finally:
        crm("down", *place)


def crm(
    *arguments: str, timeout: float = START_SECONDS, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command-line program as a person would; ``settings`` are added to its environment."""
    command = [sys.executable, "-m", "crm_runtime", *arguments]
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **(settings or {})}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def free_offset() -> int:
    """An offset at which all the system's ports are free."""
    for _ in range(50):
        offset = free_ports(1)[0] % 6000
        wanted = {port for _, port in TOPOLOGY.shifted(offset).ports()}
        if len(wanted) == len(list(TOPOLOGY.ports())) and _all_free(wanted):
            return offset
    raise AssertionError("no free range of ports")


def _all_free(ports: set[int]) -> bool:
    return all(is_free(port) for port in ports)
