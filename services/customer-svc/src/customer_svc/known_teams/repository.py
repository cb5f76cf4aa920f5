"""Queries of the known teams."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from crm_platform.db import Connection

_NAMED: Final = "SELECT id, name_key FROM known_teams WHERE name_key = ANY ($1) OR id = ANY ($2) ORDER BY id"
_UNIQUE: Final = """
SELECT id, name FROM known_teams AS team WHERE id = ANY ($1)
AND NOT EXISTS (SELECT FROM known_teams AS other WHERE other.name_key = team.name_key AND other.id <> team.id)
"""


async def named(connection: Connection, keys: Collection[str], ids: Collection[UUID]) -> list[Any]:
    """Teams that have one of these names, by their keys, or ids."""
    return list(await connection.fetch(_NAMED, list(keys), list(ids)))


async def unique_names(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    """What these teams are called; those that are not known, or share their name with another, are absent."""
    return dict(await connection.fetch(_UNIQUE, list(ids)))
