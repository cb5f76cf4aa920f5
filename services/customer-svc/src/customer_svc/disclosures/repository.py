"""What is on record about to whom personal data went."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from crm_platform.db import Connection
from customer_svc.disclosures.models import disclosed_files, disclosed_pages

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
_EXPORTED: Final = f"""
SELECT file.recipient, file.at, file.system, file.columns FROM {disclosed_files.name} AS file
CROSS JOIN LATERAL (
  SELECT first_id, marks FROM {disclosed_pages.name} AS page
  WHERE page.file_id = file.id AND page.last_id >= $1 ORDER BY page.last_id LIMIT 1
) AS page
WHERE page.first_id <= $1 AND $2 = ANY (page.marks) ORDER BY file.at DESC LIMIT $3
"""
_ADD_FILE: Final = f"""
INSERT INTO {disclosed_files.name} (id, at, recipient, system, columns) VALUES ($1, $2, $3, $4, $5)
"""
_ADD_PAGE: Final = f"""
INSERT INTO {disclosed_pages.name} (file_id, first_id, last_id, marks) VALUES ($1, $2, $3, $4)
"""
_FORGET_PAGES: Final = f"DELETE FROM {disclosed_pages.name} WHERE file_id = $1"
_FORGET_BEFORE: Final = f"""
WITH old AS (DELETE FROM {disclosed_files.name} WHERE at < $1 RETURNING id)
DELETE FROM {disclosed_pages.name} WHERE file_id IN (SELECT id FROM old)
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


async def exported(connection: Connection, subject_id: UUID, *, limit: int) -> Sequence[Any]:
    """The files in which a customer stood, the last first."""
    return list(await connection.fetch(_EXPORTED, subject_id, _mark(subject_id), limit))


async def add_file(
    connection: Connection, id: UUID, *, at: datetime, recipient: str, system: str, columns: Sequence[str]
) -> None:
    """Note a file that somebody is given."""
    await connection.execute(_ADD_FILE, id, at, recipient, system, list(columns))


async def add_page(connection: Connection, file_id: UUID, ids: Sequence[UUID]) -> None:
    """Note who stands in the next part of a file, in the order of ids."""
    await connection.execute(_ADD_PAGE, file_id, ids[0], ids[-1], [_mark(id) for id in ids])


async def forget_pages(connection: Connection, file_id: UUID) -> None:
    """Forget who was to stand in a file."""
    await connection.execute(_FORGET_PAGES, file_id)


async def forget_before(connection: Connection, moment: datetime) -> None:
    """Forget files that went out before."""
    await connection.execute(_FORGET_BEFORE, moment)


def _mark(id: UUID) -> int:
    """By what an id is known among those of a page: of a UUIDv7 the last 62 bits are drawn by chance."""
    return int.from_bytes(id.bytes[8:], signed=True)
