"""The whole system on one machine: infrastructure, migrations and all processes, brought up and taken down."""

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crm_runtime import bootstrap
from crm_runtime.bootstrap import Owner
from crm_runtime.broker import EmbeddedBroker
from crm_runtime.broker_process import answers_metadata
from crm_runtime.child import Child
from crm_runtime.environment import Connections, process_environment
from crm_runtime.errors import RuntimeProblem
from crm_runtime.launcher import AVAILABLE, Launcher
from crm_runtime.leftovers import stop_leftovers
from crm_runtime.migrations import migrate_unless_done
from crm_runtime.ports import accepts_connections, is_free, wait_until_free
from crm_runtime.postgres import EmbeddedPostgres
from crm_runtime.postgres_config import PostgresOptions
from crm_runtime.processes import ProcessIdentity
from crm_runtime.program import HEALTH_PATH, Commands, Program, Spawn, filled_in
from crm_runtime.run_state import RunState
from crm_runtime.secret_file import SecretFile, signing_key
from crm_runtime.supervisor import Kept, Report, Supervisor, together
from crm_runtime.topology import TOPOLOGY, Deployable, Topology

LEAST_FREE_BYTES = 300 * 1024 * 1024
_GATEWAY_STAGE, _API_STAGE, _WORKER_STAGE, _LAUNCHER_STAGE, _BROKER_STAGE, _POSTGRES_STAGE = range(6)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the person who starts the system may choose."""

    data_dir: Path
    topology: Topology = TOPOLOGY
    port_offset: int = 0
    postgres_url: str | None = None
    """Admin URL of an external PostgreSQL; None for the embedded one."""
    kafka: str | None = None
    """`host:port,...` of an external Kafka; None for the embedded broker."""
    commands: Commands = field(default_factory=Commands)
    ready_seconds: float = 90.0
    durable: bool = True

    def shifted_topology(self) -> Topology:
        """The topology on the ports that were chosen."""
        return self.topology.shifted(self.port_offset)


@dataclass(frozen=True, kw_only=True)
class RunningSystem:
    """A system that is ready, for whoever does something with it next."""

    data_dir: Path
    topology: Topology
    connections: Connections
    admin_url: str
    """URL of the database's admin, in the system's database."""
    secrets: SecretFile

    @property
    def gateway_url(self) -> str:
        """Public address."""
        return self.topology.gateway.api_url


class System:
    """One running system in a data directory whose lock the caller holds."""

    def __init__(self, options: Options, report: Report) -> None:
        self._options = options
        self._topology = options.shifted_topology()
        self._report = report
        self._supervisor = Supervisor(report, self._save)
        self._started = time.time()
        self._ready = False
        self._kafka_bootstrap = options.kafka or ""
        self._summary: tuple[tuple[str, str], ...] = ()
        self._spawn: Spawn = Child.start
        self._claim: bootstrap.Connection | None = None

    async def start(self) -> RunningSystem:
        """Bring everything up; on any failure the caller must still call `stop`."""
        options = self._options
        if await stop_leftovers(options.data_dir):
            self._report("The last run had not ended cleanly; what it left running has been stopped.")
        await self._check_machine()
        self._save()
        secrets = SecretFile.open(options.data_dir)
        postgres_url = await self._start_infrastructure(secrets)
        owners = [Owner(one.role, secrets.get(f"role:{one.role}")) for one in self._topology.deployables]
        if options.postgres_url:
            self._claim = await bootstrap.claim(postgres_url, owners)
        urls = await bootstrap.bootstrap(postgres_url, owners)
        packages = [one.package for one in self._topology.deployables]
        sealing = [one.package for one in self._topology.deployables if one.seals]
        connections = Connections(
            database_urls=urls,
            kafka_bootstrap=self._kafka_bootstrap,
            operator_token=secrets.get("operator_token"),
            secret_keys={package: secrets.get(f"key:{package}") for package in packages},
            audit_keys={package: secrets.get(f"audit_key:{package}", signing_key) for package in packages},
            sealing_keys={package: secrets.get(f"sealing_key:{package}") for package in sealing},
            index_secrets={package: secrets.get(f"index_secret:{package}") for package in sealing},
            audit_dir=options.data_dir / "audit",
            objects_dir=options.data_dir / "objects",
        )
        await together(self._start_deployable(one, connections) for one in self._topology.deployables)
        self._ready = True
        self._save()
        return RunningSystem(
            data_dir=options.data_dir,
            topology=self._topology,
            connections=connections,
            admin_url=bootstrap.database_url(postgres_url, bootstrap.DATABASE),
            secrets=secrets,
        )

    def summarise(self, lines: Sequence[tuple[str, str]]) -> None:
        """Keep the lines that the person who started it is shown at the end."""
        self._summary = tuple(lines)
        self._save()

    async def stop(self) -> None:
        """Stop everything in order and forget the run."""
        await self._supervisor.stop_all()
        if self._claim is not None:
            self._claim.terminate()
        RunState.remove(self._options.data_dir)

    def kill(self) -> None:
        """SIGKILL to all processes."""
        self._supervisor.kill_all()

    async def _check_machine(self) -> None:
        free = shutil.disk_usage(self._options.data_dir).free
        if free < LEAST_FREE_BYTES:
            raise RuntimeProblem(
                f"Only {free // 1024**2} MB are free on the disk of {self._options.data_dir}; "
                f"{LEAST_FREE_BYTES // 1024**2} MB are needed."
            )
        external = {"postgres": self._options.postgres_url, "broker": self._options.kafka}
        for name, port in self._topology.ports():
            if external.get(name) is None:
                if not is_free(port) and not accepts_connections(port):
                    self._report(f"Port {port} ({name}) is still held by an ended connection; waiting for it.")
                await wait_until_free(port, name)

    async def _start_infrastructure(self, secrets: SecretFile) -> str:
        urls: list[str] = []

        async def postgres() -> None:
            urls.append(self._options.postgres_url or await self._start_postgres(secrets))

        async def broker() -> None:
            await (self._check_kafka() if self._options.kafka else self._start_broker())

        await together([postgres(), broker(), self._start_launcher()])
        self._report("PostgreSQL and the broker are ready.")
        return urls[0]

    async def _start_postgres(self, secrets: SecretFile) -> str:
        postgres = EmbeddedPostgres.at(
            self._options.data_dir / "postgres",
            PostgresOptions(port=self._topology.postgres_port, durable=self._options.durable),
            admin_password=secrets.get("postgres_admin"),
            log_file=self._log("postgres"),
            reset_password=secrets.created,
        )
        await self._supervisor.start(
            Kept(name="postgres", part=postgres, port=self._topology.postgres_port, stage=_POSTGRES_STAGE)
        )
        return postgres.admin_url

    async def _start_broker(self) -> None:
        broker = EmbeddedBroker(self._options.data_dir / "broker", self._topology.broker_port, self._log("broker"))
        self._kafka_bootstrap = broker.bootstrap
        await self._supervisor.start(
            Kept(name="broker", part=broker, port=self._topology.broker_port, stage=_BROKER_STAGE)
        )

    async def _start_launcher(self) -> None:
        modules = self._options.commands.shared_modules
        if modules and AVAILABLE:
            launcher = Launcher(modules, self._log("launcher"))
            await self._supervisor.start(Kept(name="launcher", part=launcher, port=0, stage=_LAUNCHER_STAGE))
            self._spawn = launcher.spawn

    async def _check_kafka(self) -> None:
        if not await answers_metadata(self._kafka_bootstrap, timeout_seconds=10.0):
            raise RuntimeProblem(f"No Kafka broker answers at {self._kafka_bootstrap}; is it running there?")

    async def _start_deployable(self, one: Deployable, connections: Connections) -> None:
        commands = self._options.commands
        await migrate_unless_done(
            one,
            filled_in(commands.migrate, one.package),
            process_environment(self._topology, connections, one, port=one.api_port),
            data_dir=self._options.data_dir,
            log_file=self._log(f"{one.name}-migrate"),
            spawn=self._spawn,
        )

        def program(name: str, command: tuple[str, ...], port: int, stage: int) -> Kept:
            part = Program(
                name,
                filled_in(command, one.package),
                process_environment(self._topology, connections, one, port=port),
                port=port,
                log_file=self._log(name),
                spawn=self._spawn,
                ready_seconds=self._options.ready_seconds,
            )
            return Kept(name=name, part=part, port=port, stage=stage, health_path=HEALTH_PATH)

        api_stage = _GATEWAY_STAGE if one is self._topology.gateway else _API_STAGE
        api = program(one.name, commands.serve, one.api_port, api_stage)
        worker = program(one.worker_name, commands.work, one.worker_port, _WORKER_STAGE)
        await together([self._supervisor.start(api), self._supervisor.start(worker)])
        self._report(f"{one.name} is ready.")

    def _log(self, name: str) -> Path:
        return self._options.data_dir / "logs" / f"{name}.log"

    def _save(self) -> None:
        myself = ProcessIdentity.of(os.getpid())
        if myself is None:
            raise RuntimeError("this process cannot see itself")
        state = RunState(
            supervisor=myself,
            started=self._started,
            ready=self._ready,
            port_offset=self._options.port_offset,
            kafka_bootstrap=self._kafka_bootstrap,
            gateway_url=self._topology.gateway.api_url,
            worker_urls={one.name: one.worker_url for one in self._topology.deployables},
            processes=self._supervisor.records(),
            summary=self._summary,
        )
        try:
            state.write(self._options.data_dir)
        except OSError as error:
            # A full disk must not end the supervision of what runs.
            self._report(f"The state of the system could not be saved ({error.strerror}).")
