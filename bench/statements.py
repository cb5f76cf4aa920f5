"""The service's own SQL, overheard, so that pgbench can send the very same."""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from crm_platform.db import Database
from crm_platform.sealing.vault import vault_for
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.sealing import SEALING

_FRESH = {"id", "entry_id", "event_id", "aggregate_id"}
"""Columns whose values are new in every row."""
_WRITTEN = ("customers", "audit_entries", "outbox", "idempotency")


@dataclass(frozen=True, slots=True)
class Script:
    """A transaction for pgbench, and the values of its variables."""

    file: Path
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as the service sends it."""

    text: str
    arguments: tuple[Any, ...]

    def script(self, file: Path) -> Script:
        """The same for pgbench."""
        file.write_text(re.sub(r"\$(\d+)", r":p\1", self.text) + ";\n")
        return Script(file, {f"p{number}": str(value) for number, value in enumerate(self.arguments, 1)})


async def overheard(url: str, read: Callable[[Database], Awaitable[object]]) -> Statement:
    """The last statement that ``read`` sends."""
    heard: list[Statement] = []
    vault = vault_for(SEALING, needed=True)
    database = Database(DatabaseSettings(url=url, pool_min=1, pool_max=1), name="bench", vault=vault)
    await database.open()
    try:
        async with database.pool.acquire() as connection:
            connection.add_query_logger(lambda query: heard.append(Statement(query.query, tuple(query.args))))
        await read(database)
    finally:
        await database.close()
    return heard[-1]


async def plain_inserts(admin_url: str, schema: str, tenant: str, file: Path) -> Script:
    """A transaction of plain INSERTs that writes what the service wrote for its newest customer."""
    connection = await asyncpg.connect(admin_url, server_settings={"search_path": schema, "crm.tenant_id": tenant})
    try:
        lines = ["BEGIN;"]
        variables: dict[str, str] = {}
        for table in _WRITTEN:
            values = await _newest(connection, schema, table)
            lines.append(_insert(table, values.keys()))
            variables |= {f"{table}_{name}": value for name, value in values.items()}
        file.write_text("\n".join([*lines, "COMMIT;", ""]))
    finally:
        await connection.close()
    return Script(file, variables)


async def _newest(connection: Any, schema: str, table: str) -> dict[str, str]:
    """The newest row as texts, without what the database fills in by itself."""
    columns = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2"
        " AND is_identity = 'NO' AND column_name <> 'tenant_id'",
        schema,
        table,
    )
    names = [row[0] for row in columns]
    order = "created_at" if "created_at" in names else "ctid"
    texts = ", ".join(f'"{name}"::text AS "{name}"' for name in names)
    row = await connection.fetchrow(f"SELECT {texts} FROM {table} ORDER BY {order} DESC LIMIT 1")
    return {name: value for name, value in row.items() if value is not None}


def _insert(table: str, names: Iterable[str]) -> str:
    names = list(names)
    quoted = ", ".join(f'"{name}"' for name in names)
    values = []
    for name in names:
        if name in _FRESH:
            values.append("uuidv7()")
        else:
            values.append("uuidv7()::text" if name == "key" else f":{table}_{name}")
    return f"INSERT INTO {table} ({quoted}) VALUES ({', '.join(values)});"
