"""A broker that a test owns: it may be killed, frozen, restarted, and may forget."""

import shutil
import signal
from typing import Protocol

from crm_runtime.broker_process import BrokerProcess


class DisposableBroker(Protocol):
    """A broker of one test process."""

    @property
    def bootstrap(self) -> str:
        """What Kafka clients take as `bootstrap_servers`; the same after every restart."""

    async def start(self) -> None:
        """Start it with the data it has, and wait until it answers."""

    async def stop(self) -> None:
        """Stop it cleanly: it keeps everything."""

    async def kill(self) -> None:
        """End it at once."""

    def freeze(self) -> None:
        """Let it stand still, its connections open."""

    def thaw(self) -> None:
        """Let it go on."""

    async def save(self) -> None:
        """Remember the data as it is now."""

    async def lose(self) -> None:
        """Kill it and bring it back with the saved data, or with nothing."""

    async def renew(self) -> None:
        """Make it ready for the next test: it runs, and nothing is saved."""

    async def remove(self) -> None:
        """End it for good."""


class DisposableProcess:
    """A broker that is a child of this process."""

    def __init__(self, broker: BrokerProcess) -> None:
        self._broker = broker
        self._saved = broker.data_dir.with_name(f"{broker.data_dir.name}.saved")

    @property
    def bootstrap(self) -> str:
        """What Kafka clients take as `bootstrap_servers`."""
        return self._broker.bootstrap

    async def start(self) -> None:
        """Start it with the data it has."""
        await self._broker.start()

    async def stop(self) -> None:
        """Stop it cleanly."""
        await self._broker.stop()

    async def kill(self) -> None:
        """SIGKILL."""
        await self._broker.kill()

    def freeze(self) -> None:
        """SIGSTOP."""
        self._broker.child.identity.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._broker.child.identity.signal(signal.SIGCONT)

    async def save(self) -> None:
        """Stop it, copy its data, start it again."""
        await self.stop()
        self._forget()
        shutil.copytree(self._broker.data_dir, self._saved)
        await self.start()

    async def lose(self) -> None:
        """Kill it and put the saved data in the place of what it had."""
        await self.kill()
        shutil.rmtree(self._broker.data_dir)
        if self._saved.exists():
            shutil.copytree(self._saved, self._broker.data_dir)
        await self.start()

    async def renew(self) -> None:
        """Thaw it, or start it again; forget what was saved."""
        self._forget()
        self.thaw()
        if self._broker.child.exit_code is not None:
            await self.start()

    async def remove(self) -> None:
        """Kill it; its folder is the caller's."""
        await self.kill()

    def _forget(self) -> None:
        shutil.rmtree(self._saved, ignore_errors=True)
