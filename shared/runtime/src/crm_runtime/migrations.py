"""Runs the migrations of a deployable, unless it is certain that there is nothing to do.

A migration process costs more than a second of processor time for each deployable, nearly all of it for imports;
a start with nothing to migrate must not pay that.
"""

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path

from crm_runtime.announcement import write_whole
from crm_runtime.bootstrap import connect
from crm_runtime.program import Spawn, run_to_end
from crm_runtime.topology import Deployable

_NOTES = "migrated"


async def migrate_unless_done(
    deployable: Deployable,
    command: list[str],
    environment: Mapping[str, str],
    *,
    data_dir: Path,
    log_file: Path,
    spawn: Spawn,
) -> None:
    """Run the command if the migration files, or the version that the database tells, are not those of last time."""
    url = environment["CRM_DB__URL"]
    note = data_dir / _NOTES / f"{deployable.package}.json"
    digest = _digest_of_files(deployable.package)
    if digest and _read(note) == {"files": digest, "versions": await _versions(url)}:
        return
    await run_to_end(f"The migration of {deployable.name}", command, environment, log_file, spawn=spawn)
    versions = await _versions(url)
    if digest and versions:
        note.parent.mkdir(exist_ok=True)
        write_whole(note, json.dumps({"files": digest, "versions": versions}))


def _digest_of_files(package: str) -> str:
    """Digest over the package's migration files; empty when there are none to be found."""
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or []) if spec else []
    files = sorted(file for place in places for file in (Path(place) / "migrations").rglob("*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest() if files else ""


async def _versions(url: str) -> list[str]:
    """What alembic noted in the schema that the URL's role owns; empty before the first migration."""
    connection = await connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return []
        return [row[0] for row in await connection.fetch("SELECT version_num FROM alembic_version ORDER BY 1")]
    finally:
        await connection.close()


def _read(note: Path) -> object:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
