"""A real system: every part its own process, started and stopped by the command line."""

import asyncio
import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from crm_platform.testing.waiting import until
from crm_runtime.bootstrap import Owner, role_url
from crm_runtime.demo.api import Api
from crm_runtime.demo.partners import Partners
from crm_runtime.demo.seed import MAPPING_FILE, write_company
from crm_runtime.demo.story import Ending, Story, biggest_won_deal, won_deals
from crm_runtime.ports import LOOPBACK, free_ports, is_free
from crm_runtime.processes import ProcessIdentity
from crm_runtime.run_state import RunState
from crm_runtime.topology import TOPOLOGY, Topology

ROOT = Path(__file__).resolve().parents[2]
REAL_DATA = ROOT.parent / "shared" / "data" / "crm_sales_maven"
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

    def process(self, name: str) -> ProcessIdentity | None:
        """The process that runs under ``name`` right now; None while it is being started again."""
        state = RunState.read(self.folder)
        assert state is not None
        return next((record.identity for record in state.processes if record.name == name), None)

    async def rows(self, package: str, statement: str, *arguments: Any) -> list[Any]:
        """Rows of one service's schema, over all tenants' mechanism tables."""
        admin = f"postgresql://postgres:{self.secrets['postgres_admin']}@{LOOPBACK}:{self.topology.postgres_port}/crm"
        connection = await asyncpg.connect(admin)
        try:
            await connection.execute(f"SET search_path TO {package}")
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()

    def role_url(self, package: str) -> str:
        """The database as the role of one service."""
        admin = f"postgresql://{LOOPBACK}:{self.topology.postgres_port}/crm"
        return role_url(admin, Owner(package, self.secrets[f"role:{package}"]))


def crm(*arguments: str, timeout: float = START_SECONDS) -> subprocess.CompletedProcess[str]:
    """Run the command-line program as a person would."""
    command = [sys.executable, "-m", "crm_runtime", *arguments]
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
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


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSystem]:
    """A system with the demonstration's tenant and nothing in it."""
    folder = tmp_path_factory.mktemp("system")
    offset = free_offset()
    place = ("--data-dir", str(folder))
    started = crm("up", "--detach", "--no-story", *place, "--port-offset", str(offset))
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        state = RunState.read(folder)
        assert state is not None
        secrets = json.loads((folder / "secrets.json").read_text(encoding="utf-8"))
        yield RealSystem(folder, TOPOLOGY.shifted(offset), secrets, state)
    finally:
        crm("down", *place)


@pytest.fixture(scope="session")
async def partners(system: RealSystem) -> Partners:
    """The programs of others, with the demonstration's API key."""
    tenants = await system.rows("gateway", "SELECT id FROM tenants WHERE slug = 'demo'")
    return Partners(
        examples=ROOT / "examples",
        home=system.folder / "partners",
        gateway_url=system.gateway_url,
        kafka=system.state.kafka_bootstrap,
        api_key=system.secrets["demo_api_key"],
        tenant_id=str(tenants[0]["id"]),
    )


@pytest.fixture(scope="session")
async def api(system: RealSystem) -> AsyncIterator[Api]:
    """The public API, with the demonstration's API key."""
    async with Api(system.gateway_url, system.secrets["demo_api_key"]) as api:
        yield api


VICTIMS = (
    *("sales-svc", "sales-svc-worker", "project-svc-worker", "gateway", "broker", "analytics-svc-worker"),
    *("postgres", "customer-svc", "service-desk-svc-worker", "gateway-worker"),
)
"""One of each kind of process, and some more."""


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Files and mapping: the real data set, or an invented company where it is absent."""
    mapping = ROOT / "examples" / "partner_import" / "maven.toml"
    if REAL_DATA.is_dir():
        return REAL_DATA, mapping
    folder = tmp_path_factory.mktemp("company")
    write_company(folder, mapping, today=datetime.now(UTC).date())
    return folder, folder / MAPPING_FILE


@pytest.fixture(scope="session")
def deals(company: tuple[Path, Path]) -> list[dict[str, str]]:
    with (company[0] / "sales_pipeline.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def kill_each(system: RealSystem, victims: Sequence[str]) -> None:
    """Kill one process after the other, each once the one before is up again."""
    for name in victims:
        victim = system.process(name)
        assert victim is not None, name
        victim.signal(signal.SIGKILL)

        async def back(name: str = name, victim: Any = victim) -> bool:
            found = system.process(name)
            return found is not None and found != victim and found.lives()

        await until(back, seconds=60)


@pytest.fixture(scope="session")
async def ending(
    system: RealSystem, partners: Partners, api: Api, company: tuple[Path, Path], deals: list[dict[str, str]]
) -> Ending:
    """The company is loaded while its processes are killed; then the story is played."""
    data, mapping = company
    errors = system.folder / "errors.csv"
    begun = asyncio.Event()

    def progress(name: str, done: int, _: int) -> None:
        if name == "opportunities" and done:
            begun.set()

    async def kill() -> None:
        await begun.wait()
        await kill_each(system, VICTIMS)

    async with partners.taking_part():
        killing = asyncio.create_task(kill())
        partners.home.mkdir(exist_ok=True)
        await partners.load(data, mapping, errors, progress)
        await killing
        ending = await Story(api, partners, print).play(biggest_won_deal(data), won_deals(data))
    assert errors.read_text(encoding="utf-8").splitlines() == ["load,file,row,reason"]
    assert len(deals) > 0
    return ending
