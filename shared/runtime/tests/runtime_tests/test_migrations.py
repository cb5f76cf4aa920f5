"""When the migration process of a deployable is run, and when it is known to be unnecessary."""

import sys
from pathlib import Path

import asyncpg
import pytest

from crm_runtime.child import Child
from crm_runtime.errors import RuntimeProblem
from crm_runtime.migrations import migrate_unless_done
from crm_runtime.pytest_plugin import MakeDatabase
from crm_runtime.topology import Deployable, Kind

PACKAGE = "migrated_svc"
DEPLOYABLE = Deployable(name="migrated-svc", package=PACKAGE, kind=Kind.SERVICE, api_port=1, worker_port=2)


async def test_it_runs_only_when_files_or_database_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_database: MakeDatabase
) -> None:
    versions = tmp_path / PACKAGE / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / PACKAGE / "__init__.py").touch()
    (versions / "0001.py").write_text("# first", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    url = make_database(PACKAGE).url
    journal = tmp_path / "journal"
    command = [sys.executable, "-S", "-c", f"open({str(journal)!r}, 'a').write('run ')"]

    async def migrate() -> int:
        await migrate_unless_done(
            DEPLOYABLE,
            command,
            {"CRM_DB__URL": url},
            data_dir=tmp_path,
            log_file=tmp_path / "migrate.log",
            spawn=Child.start,
        )
        return len(journal.read_text(encoding="utf-8").split())

    async def note_version(version: str) -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num text)")
        await connection.execute("DELETE FROM alembic_version")
        await connection.execute("INSERT INTO alembic_version VALUES ($1)", version)
        await connection.close()

    assert [await migrate(), await migrate()] == [1, 2]  # the database tells no version: never skipped
    await note_version("0001")
    assert [await migrate(), await migrate()] == [3, 3]
    (versions / "0002.py").write_text("# second", encoding="utf-8")
    assert [await migrate(), await migrate()] == [4, 4]
    await note_version("0000")
    assert await migrate() == 5


async def test_a_failed_migration_shows_its_last_words(tmp_path: Path, make_database: MakeDatabase) -> None:
    command = [sys.executable, "-S", "-c", "raise SystemExit('column is missing')"]
    with pytest.raises(RuntimeProblem, match=r"The migration of migrated-svc failed \(exit code 1\)") as failure:
        await migrate_unless_done(
            DEPLOYABLE,
            command,
            {"CRM_DB__URL": make_database(PACKAGE).url},
            data_dir=tmp_path,
            log_file=tmp_path / "migrate.log",
            spawn=Child.start,
        )
    assert failure.value.log_lines == ("column is missing",)
