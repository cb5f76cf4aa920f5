"""What a run is made of: the real system, second copies of workers beside it, and the witness."""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from crm_runtime.bootstrap import Owner, bootstrap
from crm_runtime.environment import Connections, process_environment
from crm_runtime.launcher import Launcher
from crm_runtime.ports import free_ports
from crm_runtime.processes import ProcessIdentity
from crm_runtime.program import HEALTH_PATH, Commands, Program, filled_in
from crm_runtime.run_state import ProcessRecord, RunState
from crm_runtime.secret_file import SecretFile, signing_key
from crm_runtime.supervisor import Kept, Supervisor, together
from crm_runtime.topology import Deployable, Kind
from tests.chaos import witness
from tests.real_system import ROOT, RealSystem, running_system

SECOND_COPIES = ("customer-svc", "sales-svc", "project-svc")
"""Deployables whose workers run twice, so that leases and leads have somebody to go to."""

WITNESSES = (f"{witness.NAME}-1", f"{witness.NAME}-2")

WITNESS = Deployable(name=witness.NAME, package=witness.NAME, kind=Kind.SERVICE, api_port=0, worker_port=0)


@dataclass
class Crew:
    """Processes of ours that are kept running, all with the same extra settings."""

    supervisor: Supervisor
    names: tuple[str, ...]

    def records(self) -> tuple[ProcessRecord, ...]:
        """What runs."""
        return self.supervisor.records()


@dataclass
class Rig:
    """A running system with everything that may be hit, found by name."""

    system: RealSystem
    connections: Connections
    launcher: Launcher
    crews: dict[str, Crew] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """What the supervisor of our own processes had to say."""

    @property
    def log_folder(self) -> Path:
        """Where all processes write."""
        return self.system.folder / "logs"

    def record(self, name: str) -> ProcessRecord | None:
        """The process that runs under `name` right now; None while it is being started again."""
        state = RunState.read(self.system.folder)
        records = [
            *(state.processes if state else ()),
            *(one for crew in self.crews.values() for one in crew.records()),
        ]
        return next((one for one in records if one.name == name and one.identity.lives()), None)

    def process(self, name: str) -> ProcessIdentity | None:
        """Its identity."""
        record = self.record(name)
        return record.identity if record else None

    async def start_crew(self, crew: str, names: Mapping[str, Deployable], **settings: str) -> None:
        """Start workers and keep them running: name of the process to what it belongs to."""
        supervisor = Supervisor(self.notes.append, lambda: None)
        self.crews[crew] = Crew(supervisor, tuple(names))
        ports = free_ports(len(names))
        parts = zip(names.items(), ports, strict=True)
        await together(supervisor.start(self._kept(name, one, port, settings)) for (name, one), port in parts)

    async def stop_crew(self, crew: str) -> None:
        """Stop the workers of a crew."""
        await self.crews.pop(crew).supervisor.stop_all()

    def _kept(self, name: str, one: Deployable, port: int, settings: Mapping[str, str]) -> Kept:
        environment = process_environment(self.system.topology, self.connections, one, port=port)
        place = "tests.chaos.witness:create_worker" if one is WITNESS else ""
        command = (
            [sys.executable, "-m", "crm_platform.work", place] if place else filled_in(Commands().work, one.package)
        )
        part = Program(
            name,
            command,
            {**environment, **settings, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
            port=port,
            log_file=self.log_folder / f"{name}.log",
            spawn=self.launcher.spawn,
        )
        return Kept(name=name, part=part, port=port, stage=0, health_path=HEALTH_PATH)

    def deployable(self, name: str) -> Deployable:
        """A deployable of the running system."""
        found = self.system.topology.find(name)
        assert found is not None, name
        return found

    async def start_witnesses(self, **settings: str) -> None:
        """Start both copies of the witness."""
        await self.start_crew(witness.NAME, dict.fromkeys(WITNESSES, WITNESS), **settings)

    def victims(self) -> dict[str, float]:
        """Everything that may be hit, with weights: what all depend on is hit more often."""
        names: dict[str, float] = {"postgres": 2.0, "broker": 3.0}
        for one in self.system.topology.deployables:
            names |= {one.name: 1.5 if one.kind is Kind.GATEWAY else 1.0, one.worker_name: 1.0}
        return names | {name: 1.0 for crew in self.crews.values() for name in crew.names}


def busy_system(folder: Path) -> AbstractContextManager[RealSystem]:
    """A real system whose one caller, the writer, may ask for as much as many callers."""
    return running_system(folder, CRM_LIMITS__REQUESTS_PER_MINUTE="1000000", CRM_LOG__REQUESTS="false")


@asynccontextmanager
async def rigged(system: RealSystem) -> AsyncIterator[Rig]:
    """Put second copies of workers and the witness beside a running system."""
    connections = await _connections(system)
    await witness.create_tables(connections.database_urls[witness.NAME])
    launcher = Launcher(["crm_platform.work", "tests.chaos.witness"], system.folder / "logs" / "chaos-launcher.log")
    await launcher.start()
    rig = Rig(system, connections, launcher)
    try:
        copies = {f"{name}-worker-2": rig.deployable(name) for name in SECOND_COPIES}
        await rig.start_crew("copies", copies)
        await rig.start_witnesses()
        yield rig
    finally:
        for crew in list(rig.crews):
            await rig.stop_crew(crew)
        await launcher.stop()


async def _connections(system: RealSystem) -> Connections:
    """What the system's processes are told, and a role and a schema for the witness."""
    ours, secrets = system.connections(), SecretFile.open(system.folder)
    admin = system.admin_url.removesuffix("/crm") + "/postgres"
    made = await bootstrap(admin, [Owner(witness.NAME, secrets.get(f"role:{witness.NAME}"))])
    return replace(
        ours,
        database_urls={**ours.database_urls, **made},
        secret_keys={**ours.secret_keys, witness.NAME: secrets.get(f"key:{witness.NAME}")},
        audit_keys={**ours.audit_keys, witness.NAME: secrets.get(f"audit_key:{witness.NAME}", signing_key)},
    )
