"""Apache Kafka as one process on this machine, in KRaft mode: broker and controller in one."""

import os
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from crm_runtime.broker_process import BrokerProcess
from crm_runtime.child import Child, ChildSpec, last_lines, log_size
from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import LOOPBACK, free_ports, wait_until_free
from crm_runtime.testing.kafka.archives import Archives

LOGGING = Path(__file__).with_name("log4j2.yaml")
CLUSTER_ID = "Z3VhbnhpLWNybS10ZXN0cw"
# As of a small machine: quick to start, since tests wait for it, and modest beside what they run themselves.
_JVM = ("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")


class ApacheKafka(BrokerProcess):
    """A single node with settings as in production where they concern us: topics never make themselves."""

    ready_seconds = 120.0

    def __init__(
        self,
        data_dir: Path,
        port: int,
        log_file: Path,
        *,
        controller_port: int,
        archives: Archives,
        options: Sequence[str] = (),
    ) -> None:
        """`options` are further ones for the JVM."""
        super().__init__(data_dir, port, log_file)
        self._options = options
        self._controller_port = controller_port
        self._archives = archives

    async def start(self) -> None:
        """Format the data folder if it is new, start the node and wait until it answers."""
        self._data_dir.mkdir(parents=True, exist_ok=True)
        await wait_until_free(self._port, "the broker")
        await wait_until_free(self._controller_port, "the broker's controller")
        log_from = log_size(self._log_file)
        settings = self._data_dir / "server.properties"
        settings.write_text(_properties(self._settings()), encoding="utf-8")
        if not (self._log_dir / "meta.properties").exists():
            await self._format(settings)
        self._child = await self._run("kafka.Kafka", str(settings))
        if not await self._answers():
            raise await self._give_up(log_from=log_from)

    @property
    def _log_dir(self) -> Path:
        return self._data_dir / "log"

    async def _format(self, settings: Path) -> None:
        # One that was interrupted leaves a folder which is neither empty nor formatted.
        shutil.rmtree(self._log_dir, ignore_errors=True)
        formatted = self._data_dir.with_name(f"{self._data_dir.name}.formatted")
        if not formatted.exists():
            await self._make_formatted(settings, formatted)
        # A broker that forgets everything is formatted again and again: copying is quicker than a program of Java.
        shutil.copytree(formatted, self._log_dir)

    async def _make_formatted(self, settings: Path, target: Path) -> None:
        tool = await self._run(
            "kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER_ID, "--config", str(settings)
        )
        if await tool.wait():
            raise RuntimeProblem("The broker's storage could not be formatted.", log_lines=last_lines(self._log_file))
        self._log_dir.replace(target)

    async def _run(self, main_class: str, *arguments: str) -> Child:
        options = (*_JVM, *self._options, f"-Dlog4j2.configurationFile={LOGGING}")
        return await Child.start(
            ChildSpec(
                name="kafka",
                command=[*self._archives.command(*options), main_class, *arguments],
                environment=dict(os.environ),
                log_file=self._log_file,
                stop_signal=signal.SIGTERM,
                grace_seconds=30.0,
            )
        )

    def _settings(self) -> Mapping[str, object]:
        client, controller = f"{LOOPBACK}:{self._port}", f"{LOOPBACK}:{self._controller_port}"
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"CLIENTS://{client},CONTROLLER://{controller}",
            "advertised.listeners": f"CLIENTS://{client}",
            "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "CLIENTS",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self._log_dir,
            **SINGLE_NODE,
        }


SINGLE_NODE: Mapping[str, object] = {
    "auto.create.topics.enable": "false",
    "default.replication.factor": 1,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "group.initial.rebalance.delay.ms": 0,
}
"""What a cluster of one needs, in a container too; the rest is as Apache Kafka ships it."""


def _properties(settings: Mapping[str, object]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())


async def record_classes(archives: Archives) -> None:
    """Let one broker start and stop to record the classes that it loads, for all that come after it."""
    port, controller_port = free_ports(2)
    recorded = archives.shared_classes.with_suffix(f".{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix="crm-kafka-") as folder:
        broker = ApacheKafka(
            Path(folder) / "broker",
            port,
            Path(folder) / "broker.log",
            controller_port=controller_port,
            archives=archives,
            options=[f"-XX:ArchiveClassesAtExit={recorded}"],
        )
        try:
            await broker.start()
        finally:
            await broker.stop()
        if recorded.is_file():
            recorded.replace(archives.shared_classes)
