"""The service's own SQL, overheard, so that pgbench can send the very same."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from crm_platform.db import Database
from crm_platform.sealing.vault import vault_for
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.sealing import SEALING

_FRESH = {"id", "entry_id", "event_id", "aggregate_id", "subject_id", "record_id"}
"""Columns whose values are new in every row."""
_WRITTEN = ("customers", "subject_keys", "customer_keys", "audit_entries", "outbox", "idempotency")
_OWNER = "record_id"
"""In a table with several rows per record: the record's id."""


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
            rows = await _newest(connection, schema, table)
            lines.append(_insert(table, rows))
            variables |= {_variable(table, nth, name): row[name] for nth, row in enumerate(rows) for name in row}
        file.write_text("\n".join([*lines, "COMMIT;", ""]))
    finally:
        await connection.close()
    return Script(file, variables)


async def _newest(connection: Any, schema: str, table: str) -> list[dict[str, str]]:
    """The newest row, or rows of the newest record, as texts; without what the database fills in by itself."""
    columns = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2"
        " AND is_identity = 'NO' AND column_name <> 'tenant_id'",
        schema,
        table,
    )
    names = [row[0] for row in columns]
    order = "created_at" if "created_at" in names else "ctid"
    texts = ", ".join(f'"{name}"::text AS "{name}"' for name in names)
    newest = f"FROM {table} ORDER BY {order} DESC LIMIT 1"
    which = f"FROM {table} WHERE {_OWNER} = (SELECT {_OWNER} {newest})" if _OWNER in names else newest
    rows = await connection.fetch(f"SELECT {texts} {which}")
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def _insert(table: str, rows: Sequence[Mapping[str, str]]) -> str:
    """One statement for all rows, which have the same columns."""
    quoted = ", ".join(f'"{name}"' for name in rows[0])
    values = ", ".join(f"({', '.join(_value(table, nth, name) for name in row)})" for nth, row in enumerate(rows))
    return f"INSERT INTO {table} ({quoted}) VALUES {values};"


def _value(table: str, nth: int, name: str) -> str:
    if name in _FRESH:
        return "uuidv7()"
    # A record's own keys are what it is found by; elsewhere a key is what no two rows share.
    return "uuidv7()::text" if name == "key" and table == "idempotency" else f":{_variable(table, nth, name)}"


def _variable(table: str, nth: int, name: str) -> str:
    return f"{table}_{nth}_{name}"
