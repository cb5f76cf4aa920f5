"""Two versions of a service and one schema: who may migrate, who waits, who goes on."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from crm_platform.db.migrations import await_upgrade, upgrade
from crm_platform.testing.waiting import until
from crm_runtime.pytest_plugin import MakeDatabase

PACKAGE = "stepped_svc"
PATIENCE = 60.0


def _revision(number: int) -> str:
    before = f'"000{number - 1}"' if number > 1 else "None"
    return (
        f'from alembic import op\n\nrevision = "000{number}"\ndown_revision = {before}\n\n\n'
        f'def upgrade():\n    op.execute("CREATE TABLE step_{number} ()")\n'
    )


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_database: MakeDatabase) -> str:
    """An empty schema for a package with two revisions."""
    versions = tmp_path / PACKAGE / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / PACKAGE / "__init__.py").touch()
    (tmp_path / PACKAGE / "slices.py").write_text(
        "from types import SimpleNamespace\n\nfrom sqlalchemy import MetaData\n\n"
        "SERVICE = SimpleNamespace(metadata=MetaData())\n",
        encoding="utf-8",
    )
    (versions.parent / "env.py").write_text(
        f'from crm_platform.db.migrations import run_environment\n\nrun_environment("{PACKAGE}")\n', encoding="utf-8"
    )
    for number in (1, 2):
        (versions / f"000{number}_step.py").write_text(_revision(number), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return make_database(PACKAGE).url


async def _tables(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1", PACKAGE)
        return [row["tablename"] for row in found]
    finally:
        await connection.close()


async def _note(url: str, version: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE alembic_version SET version_num = $1", version)
    await connection.close()


async def test_a_schema_of_a_newer_version_is_left_alone(url: str) -> None:
    await asyncio.to_thread(upgrade, PACKAGE, url, "0001")
    await _note(url, "0003")
    await asyncio.to_thread(upgrade, PACKAGE, url)
    assert await _tables(url) == ["alembic_version", "step_1"]
    assert await await_upgrade(PACKAGE, url, 0)


async def test_whoever_waits_goes_on_once_all_revisions_are_there(url: str) -> None:
    assert not await await_upgrade(PACKAGE, url, 0)
    await asyncio.to_thread(upgrade, PACKAGE, url, "0001")
    assert not await await_upgrade(PACKAGE, url, 0)
    waiting = asyncio.create_task(await_upgrade(PACKAGE, url, PATIENCE))
    await asyncio.to_thread(upgrade, PACKAGE, url)
    assert await waiting
    assert await _tables(url) == ["alembic_version", "step_1", "step_2"]


async def test_a_server_that_does_not_answer_is_waited_for() -> None:
    nobody = "postgresql://nobody:nothing@127.0.0.1:1/crm"
    assert not await await_upgrade("customer_svc", nobody, 0)


async def test_an_address_may_say_how_the_connection_is_encrypted(url: str) -> None:
    await asyncio.to_thread(upgrade, PACKAGE, f"{url}?sslmode=prefer")
    assert await _tables(url) == ["alembic_version", "step_1", "step_2"]


async def test_a_copy_that_waits_for_its_turn_does_not_stop_the_other_from_making_an_index(url: str) -> None:
    await asyncio.to_thread(upgrade, PACKAGE, url, "0001")
    other = await asyncpg.connect(url)
    await other.execute("SELECT pg_advisory_lock(4201105, hashtext(current_schema()))")
    waiting = asyncio.create_task(asyncio.to_thread(upgrade, PACKAGE, url))

    async def asks() -> bool:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        turn = "(query LIKE '%advisory_lock%' OR query LIKE 'COMMIT%')"
        return bool(await other.fetchval(f"SELECT count(*) FROM pg_stat_activity WHERE {others} AND {turn}"))

    await until(asks)
    await other.execute("CREATE TABLE busy (id int)")
    await other.execute("CREATE INDEX CONCURRENTLY busy_id ON busy (id)", timeout=PATIENCE)
    assert await _tables(url) == ["alembic_version", "busy", "step_1"]
    await other.close()
    await waiting
    assert await _tables(url) == ["alembic_version", "busy", "step_1", "step_2"]
