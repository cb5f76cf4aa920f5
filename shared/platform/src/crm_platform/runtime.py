"""What a process holds while it runs: settings, database, bell, token verifier, keys of sealed data."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from crm_platform.auth.verifier import TokenVerifier
from crm_platform.db import Database
from crm_platform.errors import Unavailable
from crm_platform.events.bell import OutboxBell
from crm_platform.objects.store import Objects
from crm_platform.sealing.startup import open_checked
from crm_platform.sealing.vault import vault_for
from crm_platform.settings import ServiceSettings
from crm_platform.words import Words

PROCESS = Words("This process, which is about to stop,", "即将停止的此进程")


@dataclass(slots=True)
class Runtime:
    """The parts of one process; made by the composition root, never global."""

    settings: ServiceSettings
    database: Database
    bell: OutboxBell
    verifier: TokenVerifier
    objects: Objects
    leaving: bool = False
    """The process was asked to stop: it finishes what it has, and wants nothing new."""

    @classmethod
    def of(cls, settings: ServiceSettings, *, seals: bool = False) -> "Runtime":
        """Assemble the parts; nothing is opened yet. ``seals`` says that the service has sealed personal data.

        Raises:
            UnusableKeys: It has, and the settings do not name the keys for it.
        """
        return cls(
            settings=settings,
            database=Database(settings.db, name=settings.service, vault=vault_for(settings.sealing, needed=seals)),
            bell=OutboxBell(settings.db.url),
            verifier=TokenVerifier(settings.auth),
            objects=Objects(settings.objects),
        )

    async def open(self) -> None:
        """Connect to the database.

        Raises:
            UnusableKeys: Data in it is sealed with a key that the settings do not name.
        """
        await open_checked(self.database)

    def leave(self) -> None:
        """Say that nothing new is wanted any more."""
        self.leaving = True

    async def check(self) -> None:
        """Whether requests are wanted and can be served; for ``/health/ready``.

        Raises:
            Unavailable: They are not.
        """
        if self.leaving:
            raise Unavailable(what=PROCESS)
        await self.database.ping()

    async def close(self) -> None:
        """Let go of everything."""
        await self.bell.close()
        await self.verifier.close()
        await self.database.close()


def runtime_of(request: Request) -> Runtime:
    """The process behind ``request``."""
    runtime: Any = request.app.state.runtime
    return runtime  # type: ignore[no-any-return]
