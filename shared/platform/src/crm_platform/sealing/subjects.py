"""The keys of the subjects in their table."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from crm_contracts.sealing import unseal
from crm_platform.db import Connection
from crm_platform.sealing.errors import SubjectKeyGone
from crm_platform.sealing.vault import SubjectKey, Vault, vault_of

_FIND = """
SELECT subject_id, wrapped_key, kek_id, destroyed_at FROM subject_keys WHERE subject_id = ANY($1::uuid[])
"""
_ADD = """
INSERT INTO subject_keys (subject_id, wrapped_key, kek_id)
SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[]) ON CONFLICT (tenant_id, subject_id) DO NOTHING
"""
_WITH_TENANT = "SELECT tenant_id, wrapped_key, kek_id FROM subject_keys WHERE subject_id = $1"
_DESTROY = """
UPDATE subject_keys SET wrapped_key = NULL, destroyed_at = $2 WHERE subject_id = $1 AND wrapped_key IS NOT NULL
"""
_ERASE_UNKNOWN = """
INSERT INTO subject_keys (subject_id, wrapped_key, kek_id, destroyed_at) VALUES ($1, NULL, '', $2)
ON CONFLICT (tenant_id, subject_id) DO NOTHING
"""


class Erased(NamedTuple):
    """In place of a key: it was destroyed."""

    at: datetime


class StoredKey(NamedTuple):
    """The row of a subject."""

    subject_id: UUID
    wrapped_key: bytes | None
    kek_id: str
    destroyed_at: datetime | None


async def find_keys(connection: Connection, subjects: Collection[UUID]) -> dict[UUID, StoredKey]:
    """The rows of these subjects of the session's tenant; those that have none are absent."""
    rows = await connection.fetch(_FIND, list(subjects))
    return {row["subject_id"]: StoredKey(*row) for row in rows}


async def is_erased(connection: Connection, subject: UUID) -> bool:
    """Whether the key of a subject of the session's tenant is destroyed."""
    stored = (await find_keys(connection, [subject])).get(subject)
    return stored is not None and stored.destroyed_at is not None


async def keys_for_writing(
    connection: Connection, vault: Vault, tenant_id: UUID, subjects: Collection[UUID]
) -> dict[UUID, SubjectKey | Erased]:
    """The keys of these subjects, made where there are none yet."""
    found = await find_keys(connection, subjects)
    missing = sorted(set(subjects) - found.keys())
    if missing:
        keys = [vault.new_key(tenant_id, subject) for subject in missing]
        await connection.execute(_ADD, missing, [key.wrapped for key in keys], [key.kek_id for key in keys])
        # Somebody else may have made one in the meantime: what stands in the table counts.
        found |= await find_keys(connection, missing)
    return {subject: _unwrapped(vault, tenant_id, stored) for subject, stored in found.items()}


def _unwrapped(vault: Vault, tenant_id: UUID, stored: StoredKey) -> SubjectKey | Erased:
    if stored.destroyed_at is not None:
        return Erased(stored.destroyed_at)
    wrapped = stored.wrapped_key or b""
    cipher = vault.cipher(tenant_id, stored.subject_id, stored.kek_id, wrapped)
    return SubjectKey(stored.subject_id, stored.kek_id, wrapped, cipher)


async def open_for(connection: Connection, subject_id: UUID, sealed: bytes, where: bytes) -> bytes:
    """What was sealed under the key of a subject of the session's tenant.

    Raises:
        SubjectKeyGone: The key is destroyed.
        BrokenSeal: It does not open.
    """
    vault = vault_of(connection)
    row = await connection.fetchrow(_WITH_TENANT, subject_id)
    if row is None or row["wrapped_key"] is None:
        raise SubjectKeyGone(id=subject_id)
    cipher = vault.cipher(row["tenant_id"], subject_id, row["kek_id"], row["wrapped_key"])
    return unseal(cipher, sealed, where)


async def destroy_key(connection: Connection, subject_id: UUID, *, at: datetime) -> bool:
    """Destroy the key of a subject of the session's tenant, and with it all that is sealed under it, everywhere.

    A subject without a key gets none any more either. Whatever else belongs to an erasure (blind indexes, names) is its
    caller's business, in the same transaction.

    Returns:
        Whether it was destroyed now, not before.
    """
    if await connection.execute(_DESTROY, subject_id, at) == "UPDATE 1":
        return True
    return bool(await connection.execute(_ERASE_UNKNOWN, subject_id, at) == "INSERT 0 1")
