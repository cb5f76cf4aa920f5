"""A Kafka broker that runs as a child of this process, whatever program it is."""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from crm_runtime import processes
from crm_runtime.child import Child, last_lines
from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import LOOPBACK, accepts_connections


class BrokerProcess(ABC):
    """One broker on the loopback address."""

    ready_seconds: ClassVar[float]
    """Longest time from its start to its first answer."""

    def __init__(self, data_dir: Path, port: int, log_file: Path) -> None:
        self._data_dir = data_dir
        self._port = port
        self._log_file = log_file
        self._child: Child | None = None

    @property
    def bootstrap(self) -> str:
        """What Kafka clients take as `bootstrap_servers`."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def data_dir(self) -> Path:
        """Where it keeps everything."""
        return self._data_dir

    @property
    def child(self) -> Child:
        """The running broker process."""
        if self._child is None:
            raise RuntimeError("the broker has not been started")
        return self._child

    @abstractmethod
    async def start(self) -> None:
        """Start it and wait until it answers a Kafka metadata request."""

    async def stop(self) -> None:
        """Clean stop; after the grace time it is killed."""
        if self._child is not None:
            await self._child.stop()

    async def kill(self) -> None:
        """SIGKILL, should it run."""
        if self._child is not None:
            self._child.kill()
            await self._child.wait()

    async def _answers(self) -> bool:
        return await answers_within(self.ready_seconds, self._port, alive=lambda: self.child.exit_code is None)

    async def _give_up(self, *, log_from: int) -> RuntimeProblem:
        await self.stop()
        return RuntimeProblem(
            f"The broker did not become ready (log: {self._log_file}).",
            log_lines=last_lines(self._log_file, 8, since=log_from),
        )


async def answers_metadata(bootstrap: str, *, timeout_seconds: float = 5.0) -> bool:
    """True when a Kafka broker answers a metadata request there."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=int(timeout_seconds * 1000))
    try:
        async with asyncio.timeout(timeout_seconds):
            await client.start()
            await client.describe_cluster()
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        with contextlib.suppress(Exception):
            await client.close()
    return True


async def answers_within(seconds: float, port: int, *, alive: Callable[[], bool]) -> bool:
    """Wait until a broker answers on a loopback port; False when it is not `alive` any more, or the time is over."""
    deadline = time.monotonic() + seconds
    while alive() and time.monotonic() < deadline:
        if accepts_connections(port) and await answers_metadata(f"{LOOPBACK}:{port}"):
            return alive()
        await asyncio.sleep(processes.POLL_SECONDS)
    return False
