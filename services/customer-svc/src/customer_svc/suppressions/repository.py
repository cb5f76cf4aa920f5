"""Queries of the suppressions."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from crm_platform.db import Connection
from crm_platform.db.arrays import names_literal, plain_literal
from customer_svc.suppressions.models import suppressions

_ADD: Final = f"""
INSERT INTO {suppressions.name} (kind, key, erased_at)
SELECT kind, key, $3 FROM unnest($1::text[], $2::uuid[]) AS given (kind, key) ON CONFLICT DO NOTHING
"""
_ANY: Final = f"""
SELECT EXISTS (
  SELECT 1 FROM {suppressions.name} JOIN unnest($1::text[], $2::uuid[]) AS given (kind, key) USING (kind, key)
)
"""

_SOME: Final = f"SELECT EXISTS (SELECT 1 FROM {suppressions.name})"
_KNOWN: Final = f"""
SELECT kind, key FROM {suppressions.name}
JOIN unnest($1::text::text[], $2::text::uuid[]) AS given (kind, key) USING (kind, key)
"""


async def add(connection: Connection, keys: Collection[tuple[str, UUID]], at: datetime) -> None:
    """Remember the keys of somebody who is erased."""
    await connection.execute(_ADD, [kind for kind, _ in keys], [key for _, key in keys], at)


async def known(connection: Connection, keys: Collection[tuple[str, UUID]]) -> set[tuple[str, UUID]]:
    """Those of ``keys`` that are of somebody who was erased."""
    kinds, values = [kind for kind, _ in keys], [key for _, key in keys]
    rows = await connection.fetch(_KNOWN, names_literal(kinds), plain_literal(values))
    return {(row["kind"], row["key"]) for row in rows}


async def has_some(connection: Connection) -> bool:
    """Whether anybody was erased at all."""
    found: bool = await connection.fetchval(_SOME)
    return found


async def has_any(connection: Connection, keys: Collection[tuple[str, UUID]]) -> bool:
    """Whether one of ``keys`` is that of somebody who was erased."""
    found: bool = await connection.fetchval(_ANY, [kind for kind, _ in keys], [key for _, key in keys])
    return found
