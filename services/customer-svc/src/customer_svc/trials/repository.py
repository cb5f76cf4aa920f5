"""Statements on what is tried."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from crm_platform.db import Connection
from customer_svc.trials.models import trial_keys, trial_records

_ADD: Final = """
INSERT INTO trial_records (trial_id, record_id, kek_id, wrapped_key, sealed)
SELECT $1, given.id, $2, $3, given.sealed FROM unnest($4::uuid[], $5::bytea[]) AS given (id, sealed)
"""
_ADD_KEYS: Final = """
INSERT INTO trial_keys (trial_id, kind, key, record_id)
SELECT $1, given.kind, given.key, given.id FROM unnest($2::text[], $3::uuid[], $4::uuid[]) AS given (kind, key, id)
ON CONFLICT DO NOTHING
"""
_FIND: Final = """
SELECT record_id, kek_id, wrapped_key, sealed FROM trial_records WHERE trial_id = $1 AND record_id = ANY ($2)
"""
_FILED: Final = """
SELECT filed.kind, filed.key, filed.record_id FROM trial_keys AS filed
JOIN unnest($2::text[], $3::uuid[]) AS wanted (kind, key) ON filed.kind = wanted.kind AND filed.key = wanted.key
WHERE filed.trial_id = $1 ORDER BY filed.record_id
"""
_FORGET: Final = tuple(f"DELETE FROM {table.name} WHERE trial_id = $1" for table in (trial_keys, trial_records))


Filing = tuple[str, UUID, UUID]
"""A kind of keys, a key of it, and a record that is found under it."""


class Tried(NamedTuple):
    """A record of a trial."""

    id: UUID
    sealed: bytes
    keys: Collection[tuple[str, UUID]]


async def add(
    connection: Connection, trial_id: UUID, records: Sequence[Tried], *, kek_id: str, wrapped_key: bytes
) -> None:
    """Keep records, all sealed under one key, and file them."""
    sealed = [one.sealed for one in records]
    await connection.execute(_ADD, trial_id, kek_id, wrapped_key, [one.id for one in records], sealed)
    await file(connection, trial_id, {(kind, key, one.id) for one in records for kind, key in one.keys})


async def file(connection: Connection, trial_id: UUID, keys: Collection[Filing]) -> None:
    """Let records be found under keys, each given with its kind and the record."""
    if keys:
        await connection.execute(_ADD_KEYS, trial_id, *map(list, zip(*sorted(keys), strict=True)))


async def filed(connection: Connection, trial_id: UUID, keys: Collection[tuple[str, UUID]]) -> Sequence[Any]:
    """The records that a trial has filed under some keys: kind, key, record."""
    kinds, values = [kind for kind, _ in keys], [key for _, key in keys]
    return list(await connection.fetch(_FILED, trial_id, kinds, values)) if keys else []


async def find(connection: Connection, trial_id: UUID, ids: Iterable[UUID]) -> Sequence[Any]:
    """Those of these records that the trial has, with the key of each."""
    return list(await connection.fetch(_FIND, trial_id, list(ids)))


async def forget(connection: Connection, trial_id: UUID) -> None:
    """Forget all of a trial."""
    for statement in _FORGET:
        await connection.execute(statement, trial_id)
