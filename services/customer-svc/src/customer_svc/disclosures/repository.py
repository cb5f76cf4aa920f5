"""What is on record about to whom personal data went."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from crm_platform.db import Connection

_GIVEN: Final = """
SELECT action AS what, actor AS recipient, at, after->>'$origin' AS system FROM audit_entries
WHERE (aggregate_type = 'subject_key' AND aggregate_id = $1)
  OR (aggregate_type = 'subject_access_bundle'
      AND aggregate_id IN (SELECT id FROM subject_access_requests WHERE subject_id = $1))
ORDER BY at DESC LIMIT $2
"""
_SYSTEMS: Final = """
SELECT system, external_id FROM customer_refs WHERE customer_id = $1
UNION ALL SELECT system, external_id FROM contact_refs WHERE contact_id = $1 ORDER BY 1, 2
"""
_PURPOSES: Final = """
SELECT code, title_en, title_zh, basis, channels, valid_days, active FROM consent_purposes
WHERE active OR code IN (SELECT purpose FROM consents WHERE subject_id = $1) ORDER BY code
"""


async def given_out(connection: Connection, subject_id: UUID, *, limit: int) -> Sequence[Any]:
    """Who was given the key of a person's sealed data, or a bundle of it; the last first."""
    return list(await connection.fetch(_GIVEN, subject_id, limit))


async def systems(connection: Connection, subject_id: UUID) -> Sequence[Any]:
    """Other systems that know the person, and by which number."""
    return list(await connection.fetch(_SYSTEMS, subject_id))


async def purposes(connection: Connection, subject_id: UUID) -> Sequence[Any]:
    """For what personal data is used now, and what the person has said something about."""
    return list(await connection.fetch(_PURPOSES, subject_id))
