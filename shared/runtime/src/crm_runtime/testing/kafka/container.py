"""Apache Kafka in a container of its published image, by testcontainers, for machines with a Docker engine."""

import asyncio
from typing import Any

from crm_runtime.broker_process import answers_within
from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import LOOPBACK
from crm_runtime.testing.kafka.apache import CLUSTER_ID, SINGLE_NODE
from crm_runtime.testing.kafka.archives import kafka_version

READY_SECONDS = 120.0
STOP_SECONDS = 30
_CONTROLLER_PORT = 29093
# Not a volume of the image: what is written here becomes part of an image that is committed.
_LOG_DIR = "/tmp/kafka-log"  # noqa: S108 - inside the container


def image() -> str:
    """The published image of the version that the Java archives have too."""
    return f"apache/kafka:{kafka_version()}"


def engine() -> Any:
    """The client of the Docker engine of this machine."""
    from testcontainers.core.docker_client import DockerClient  # noqa: PLC0415 - only who chooses it needs it

    return DockerClient().client


def pull() -> None:
    """Fetch the image, unless it is there.

    Raises:
        RuntimeProblem: No Docker engine answers, or it cannot get the image.
    """
    from docker.errors import DockerException  # noqa: PLC0415 - as above

    try:
        client = engine()
        if not client.images.list(name=image()):
            client.images.pull(image())
    except DockerException as error:
        raise RuntimeProblem(
            f"--kafka-backend=container needs a Docker engine that can run {image()}: {error}."
        ) from error


class ContainerBroker:
    """One node; its port on the host stays the same, whichever container stands behind it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._running: Any = None
        self._saved: Any = None

    @property
    def bootstrap(self) -> str:
        """What Kafka clients take as `bootstrap_servers`."""
        return f"{LOOPBACK}:{self._port}"

    async def start(self) -> None:
        """Start the container again, or a first one, and wait until Kafka answers."""
        if self._running is None:
            await asyncio.to_thread(self._create, image())
        else:
            await asyncio.to_thread(self._container.start)
        await self._await_answer()

    async def stop(self) -> None:
        """Stop it cleanly; the container stays, with its data."""
        await asyncio.to_thread(self._container.stop, timeout=STOP_SECONDS)

    async def kill(self) -> None:
        """SIGKILL to Kafka; the container stays, with its data."""
        await asyncio.to_thread(self._kill)

    def freeze(self) -> None:
        """Pause all its processes."""
        self._container.pause()

    def thaw(self) -> None:
        """Let a paused container go on."""
        if self._status() == "paused":
            self._container.unpause()

    async def save(self) -> None:
        """Commit the stopped container as an image."""
        await self.stop()
        await asyncio.to_thread(self._forget)
        self._saved = await asyncio.to_thread(self._container.commit)
        await self.start()

    async def lose(self) -> None:
        """Replace it by a container of the saved image, or by one that has nothing."""
        await self.kill()
        await asyncio.to_thread(self._remove)
        await asyncio.to_thread(self._create, self._saved.id if self._saved is not None else image())
        await self._await_answer()

    async def renew(self) -> None:
        """Let it go on, or start it again; forget what was saved."""
        self.thaw()
        if self._status() != "running":
            await self.start()

    async def remove(self) -> None:
        """Remove the container and the saved image."""
        await asyncio.to_thread(self._remove)
        await asyncio.to_thread(self._forget)

    @property
    def _container(self) -> Any:
        if self._running is None:
            raise RuntimeError("the broker has not been started")
        return self._running.get_wrapped_container()

    def _status(self) -> str:
        self._container.reload()
        return str(self._container.status)

    def _create(self, image_name: str) -> None:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - as above

        container = DockerContainer(image_name, env=environment(self._port))
        # As on the host: clients take the address that Kafka itself names.
        self._running = container.with_bind_ports(self._port, self._port).start()

    def _kill(self) -> None:
        self.thaw()
        if self._status() == "running":
            self._container.kill()
        self._container.wait()

    def _remove(self) -> None:
        if self._running is not None:
            self._running.stop(force=True, delete_volume=True)
            self._running = None

    def _forget(self) -> None:
        if self._saved is not None:
            engine().images.remove(self._saved.id, force=True)
            self._saved = None

    async def _await_answer(self) -> None:
        if not await answers_within(READY_SECONDS, self._port, alive=lambda: self._status() == "running"):
            lines = self._container.logs(tail=8).decode(errors="replace").splitlines()
            raise RuntimeProblem("Kafka in its container did not become ready.", log_lines=tuple(lines))


def environment(port: int) -> dict[str, str]:
    """The settings in the form in which the image takes them."""
    settings: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@localhost:{_CONTROLLER_PORT}",
        "listeners": f"CLIENTS://:{port},CONTROLLER://:{_CONTROLLER_PORT}",
        "advertised.listeners": f"CLIENTS://{LOOPBACK}:{port}",
        "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "CLIENTS",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": _LOG_DIR,
        **SINGLE_NODE,
    }
    variables = {f"KAFKA_{name.upper().replace('.', '_')}": str(value) for name, value in settings.items()}
    return {"CLUSTER_ID": CLUSTER_ID, "KAFKA_HEAP_OPTS": "-Xms64m -Xmx512m", **variables}
