"""The containers of the compose file as processes: same commands, same order, same environment, real infrastructure.

Only addresses differ, since there is no network of Docker's here, and of the services one stands for all.
"""

import asyncio
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from crm_platform.testing.waiting import until
from crm_runtime.broker import EmbeddedBroker
from crm_runtime.deployment_secrets import deployment_secrets
from crm_runtime.ports import LOOPBACK, free_ports
from crm_runtime.postgres import EmbeddedPostgres
from crm_runtime.postgres_config import PostgresOptions
from crm_runtime.topology import TOPOLOGY
from tests.deploy.containers import Container, clean_environment, compose_containers, compose_file

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

DEPLOYABLES = ("gateway", "customer-svc")
SECONDS = 120
PASSWORD = "a long and unusual sentence"


@dataclass(frozen=True)
class Machine:
    """Where on this machine is what the containers look for on their network."""

    folder: Path
    places: Mapping[str, str]
    ports: Mapping[str, int]

    def environment(self, one: Container) -> dict[str, str]:
        """Of a process that stands for the container."""
        values = {**one.environment, "CRM_HTTP__HOST": LOOPBACK, "CRM_HTTP__PORT": str(self.ports.get(one.name, 0))}
        for there, here in self.places.items():
            values = {name: value.replace(there, here) for name, value in values.items()}
        return {**clean_environment(), **values}

    async def start(self, one: Container, *command: str, **more: str) -> asyncio.subprocess.Process:
        """Start what the container runs, or another command in it."""
        environment = {**self.environment(one), **more}
        with (self.folder / f"{one.name}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *(command or one.command),
                env=environment,
                stdout=asyncio.subprocess.PIPE if command else log,
                stderr=log,
                cwd=self.folder,
            )

    async def run(self, one: Container, *command: str, **more: str) -> str:
        """Run it to its end, which must be good; what it printed."""
        process = await self.start(one, *command, **more)
        said, _ = await process.communicate()
        assert process.returncode == 0, (self.folder / f"{one.name}.log").read_text(encoding="utf-8")
        return said.decode() if said else ""

    @asynccontextmanager
    async def running(self, ones: Iterable[Container]) -> AsyncIterator[None]:
        """All of these at work and healthy, as the images' own health check says."""
        started = [(one, await self.start(one)) for one in ones]
        try:
            for one, process in started:

                async def healthy(one: Container = one, process: asyncio.subprocess.Process = process) -> bool:
                    assert process.returncode is None, (self.folder / f"{one.name}.log").read_text(encoding="utf-8")
                    return await (await self.start(one, "-m", "crm_platform.probe")).wait() == 0

                await until(healthy, seconds=SECONDS)
            yield
        finally:
            for _, process in started:
                if process.returncode is None:
                    process.terminate()
            ends = [await process.wait() for _, process in started]
        # An API ends by the signal that it was sent, once its requests are answered.
        assert set(ends) <= {0, -signal.SIGTERM}


@pytest.fixture
def secrets() -> dict[str, str]:
    return {one.variable: one.make() for one in deployment_secrets(TOPOLOGY)}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not one of pytest's: as root, PostgreSQL runs as another user, who must be able to pass through."""
    folder = Path(tempfile.mkdtemp(prefix="crm-compose-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def machine(folder: Path, secrets: dict[str, str]) -> AsyncIterator[Machine]:
    names = [name for one in DEPLOYABLES for name in (one, f"{one}-worker")]
    postgres_port, broker_port, *ports = free_ports(2 + len(names))
    here = dict(zip(names, ports, strict=True))
    postgres = EmbeddedPostgres.at(
        folder / "postgres",
        PostgresOptions(port=postgres_port, durable=False),
        admin_password=secrets["POSTGRES_PASSWORD"],
        log_file=folder / "postgres.log",
    )
    broker = EmbeddedBroker(folder / "broker", broker_port, folder / "broker.log")
    places = {"@postgres:5432/": f"@{LOOPBACK}:{postgres_port}/", "kafka:9092": f"{LOOPBACK}:{broker_port}"}
    for one in TOPOLOGY.deployables:
        places[f"http://{one.name}:{one.api_port}"] = f"http://{LOOPBACK}:{here.get(one.name, 1)}"
    places["/var/lib/crm/audit"] = str(folder / "audit")
    try:
        await asyncio.gather(postgres.start(), broker.start())
        yield Machine(folder, places, here)
    finally:
        await asyncio.gather(postgres.stop(), broker.stop())


async def test_in_their_order_and_with_their_environment_they_serve(machine: Machine, secrets: dict[str, str]) -> None:
    containers = {one.name: one for one in compose_containers(secrets)}
    await machine.run(containers["prepare-database"])
    for name in DEPLOYABLES:
        assert list(compose_file()["services"][name]["depends_on"]) == [f"{name}-migrate"]
        await machine.run(containers[f"{name}-migrate"])
    async with machine.running(containers[name] for name in machine.ports):
        tenant = ["--tenant", "acme", "--name", "Acme", "--email", "admin@example.com", "--api-key", "test"]
        said = await machine.run(
            containers["gateway"], "-m", "gateway.bootstrap", *tenant, CRM_BOOTSTRAP_PASSWORD=PASSWORD
        )
        headers = {"authorization": f"Bearer {json.loads(said)['api_key']}"}
        base = f"http://{LOOPBACK}:{machine.ports['gateway']}"
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30) as client:
            made = await client.post("/api/v1/customers", json={"name": "甲公司"})
            assert made.status_code == 201, made.text
            checkpoints = machine.folder / "audit" / "customer-svc.checkpoints.jsonl"

            async def sealed() -> bool:
                return checkpoints.exists()

            await until(sealed, seconds=SECONDS)
