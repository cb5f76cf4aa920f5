"""Services that serve one test after the other, each on a database as if new.

Starting a service's API costs little, but all that follows is slow at first: sessions know no table, and each statement
is planned anew. Here the service goes on, and its database is emptied between two tests. What it remembers of the test
before is about a tenant that no other test has.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crm_platform.ids import new_id
from crm_platform.service import Service
from crm_platform.settings import KafkaSettings
from crm_platform.testing.identity import TokenIssuer
from crm_platform.testing.plugin import RunningService, Starter, StartService

_MOST_USES = 50
"""What was deleted stays in the files until somebody vacuums, and nobody does in a test run."""
_MOST_IDLE = 2
"""A process runs the tests of one service after those of another."""


@dataclass(kw_only=True)
class _Warm:
    """A service that runs, and what is removed with it."""

    running: RunningService
    database: Any
    folder: Path
    stack: AsyncExitStack
    uses: int = 0

    def clear_folder(self) -> None:
        """Leave no file of the test that was; the folders themselves are the service's."""
        for place in (content for folder in self.folder.iterdir() for content in folder.iterdir()):
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink()


@dataclass
class WarmServices:
    """Those of this process, used and idle."""

    factory: Any
    issuer: TokenIssuer
    folders: pytest.TempPathFactory
    _idle: list[_Warm] = field(default_factory=list)

    async def take(self, service: Service) -> _Warm:
        """One that is idle, or a new one."""
        for one in self._idle:
            if one.running.service is service:
                self._idle.remove(one)
                return one
        databases: list[Any] = []

        def make(*packages: str, **how: Any) -> Any:
            databases.append(self.factory.create(*packages, **how))
            return databases[-1]

        folder, stack = self.folders.mktemp("warm"), AsyncExitStack()
        running = await Starter(make, KafkaSettings(), self.issuer, folder, stack)(service)
        return _Warm(running=running, database=databases[0], folder=folder, stack=stack)

    async def give_back(self, one: _Warm) -> None:
        """Make it ready for another test, or end it where that cannot be."""
        one.uses += 1
        leaving = one.running.app.state.runtime.leaving
        if leaving or one.uses >= _MOST_USES or not self.factory.wash(one.database, one.running.sessions()):
            await self._end(one)
            return
        one.clear_folder()
        self._idle.append(one)
        if len(self._idle) > _MOST_IDLE:
            await self._end(self._idle.pop(0))

    async def aclose(self) -> None:
        """End all that are idle; their databases stay until the end of the run."""
        while self._idle:
            await self._idle.pop().stack.aclose()

    async def _end(self, one: _Warm) -> None:
        await one.stack.aclose()
        if one.uses < _MOST_USES:
            self.factory.give_back(one.database)
        else:
            self.factory.drop(one.database)


@pytest.fixture(scope="session")
async def warm_services(
    database_factory: Any, issuer: TokenIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WarmServices]:
    """What `warm_service` keeps."""
    services = WarmServices(database_factory, issuer, tmp_path_factory)
    yield services
    await services.aclose()


@pytest.fixture
async def warm_service(
    warm_services: WarmServices, kafka_bootstrap: str, passing_topics: str
) -> AsyncIterator[StartService]:
    """Like `start_service`, with nothing to choose: the service may have served other tests, on the same database."""
    used: list[_Warm] = []

    async def start(service: Service) -> RunningService:
        used.append(await warm_services.take(service))
        running = used[-1].running
        kafka = KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=f"{passing_topics}{new_id().hex[-8:]}.")
        running.settings = running.settings.model_copy(update={"kafka": kafka})
        return running

    yield start
    for one in used:
        await warm_services.give_back(one)
