from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crm_platform.db import Database
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.sealing import vault
from crm_runtime.pytest_plugin import MakeDatabase
from crm_runtime.testing import FreshDatabase
from platform_tests.audit.support import MIGRATED, PACKAGE, Chain, build, fresh, migrate


@pytest.fixture(scope="session")
async def built_chain(make_shared_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    database = make_shared_database(PACKAGE, migrate=migrate, cache_key=MIGRATED)
    return await build(database.url, database.admin_url, tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture
async def chain(built_chain: Chain, tmp_path: Path) -> Chain:
    """The sealed chain as it was built; whatever the test does to it is undone before the next."""
    return await fresh(built_chain, tmp_path / "checkpoints")


@pytest.fixture
def place(make_database: MakeDatabase) -> FreshDatabase:
    """An empty database of the service."""
    return make_database(PACKAGE, migrate=migrate, cache_key=MIGRATED)


@pytest.fixture
async def database(place: FreshDatabase) -> AsyncIterator[Database]:
    opened = Database(DatabaseSettings(url=place.url, pool_max=8), name="test", vault=vault())
    await opened.open()
    yield opened
    await opened.close()
