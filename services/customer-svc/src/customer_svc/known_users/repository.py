"""Queries of the known people."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from crm_platform.db import Connection

_NAMED: Final = """
SELECT id, name_key, email_key, team_id, active FROM known_users
WHERE name_key = ANY ($1) OR email_key = ANY ($2) OR id = ANY ($3) ORDER BY id
"""
_UNIQUE: Final = """
SELECT id, name FROM known_users AS person WHERE id = ANY ($1)
AND NOT EXISTS (SELECT FROM known_users AS other WHERE other.name_key = person.name_key AND other.id <> person.id)
"""
_EMAILS: Final = """
SELECT known.id, known.email_sealed, keys.kek_id, keys.wrapped_key
FROM known_users AS known JOIN subject_keys AS keys ON keys.subject_id = known.id
WHERE known.id = ANY ($1) AND known.email_sealed IS NOT NULL AND keys.wrapped_key IS NOT NULL
"""


async def named(
    connection: Connection, names: Collection[str], emails: Collection[UUID], ids: Collection[UUID]
) -> list[Any]:
    """People who have one of these names or e-mail addresses, by their keys, or ids."""
    return list(await connection.fetch(_NAMED, list(names), list(emails), list(ids)))


async def unique_names(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    """What these people are called; those that are not known, or share their name with another, are absent."""
    return dict(await connection.fetch(_UNIQUE, list(ids)))


async def sealed_emails(connection: Connection, ids: Collection[UUID]) -> list[Any]:
    """The sealed e-mail addresses of these people, each with the key; those that are not known are absent."""
    return list(await connection.fetch(_EMAILS, list(ids)))
