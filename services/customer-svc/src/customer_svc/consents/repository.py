"""Queries of the consents beyond load, insert and update."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Integer, Text, Uuid, bindparam, select

from crm_contracts.privacy.v1 import ConsentStatus, LawfulBasis
from crm_platform.db import Connection, Query
from customer_svc.consents.domain import Standing
from customer_svc.consents.models import RUNNING, consents

_STANDING: Final = """
SELECT asked.id, consents.id AS consent_id, consents.status, consents.expires_at, purpose.basis, purpose.active,
  $3 = ANY(purpose.channels) AS covers_channel, keys.destroyed_at IS NOT NULL AS erased,
  EXISTS (SELECT 1 FROM customers WHERE customers.id = asked.id)
    OR EXISTS (SELECT 1 FROM contacts WHERE contacts.id = asked.id) AS known
FROM {asked}
LEFT JOIN consent_purposes AS purpose ON purpose.code = $2
LEFT JOIN consents ON consents.subject_id = asked.id AND consents.purpose = $2 AND consents.channel = $3
LEFT JOIN subject_keys AS keys ON keys.subject_id = asked.id
"""
_OF_ONE: Final = _STANDING.format(asked="(SELECT $1::uuid AS id) AS asked")
"""Planned for one row: the plan for lists is made for a hundred, and reads more than it needs."""
_OF_MANY: Final = (
    _STANDING.format(asked="unnest($1::uuid[]) WITH ORDINALITY AS asked (id, place)") + "ORDER BY asked.place"
)
_FIND = Query(
    select(consents.c.id).where(
        consents.c.subject_id == bindparam("subject_id", type_=Uuid),
        consents.c.purpose == bindparam("purpose", type_=Text),
        consents.c.channel == bindparam("channel", type_=Text),
    )
)
_EXPIRED = Query(
    select(consents.c.id)
    .where(
        consents.c.expires_at <= bindparam("moment", type_=DateTime(True)),
        RUNNING,
    )
    .order_by(consents.c.expires_at)
    .limit(bindparam("row_limit", type_=Integer))
)


async def standings(
    connection: Connection, subjects: Sequence[UUID], purpose: str, channel: str
) -> list[tuple[UUID, UUID | None, Standing]]:
    """What is known of each person about this purpose and channel, with the id of the consent; in the given order."""
    one = len(subjects) == 1
    rows = await connection.fetch(_OF_ONE if one else _OF_MANY, subjects[0] if one else subjects, purpose, channel)
    return [(row["id"], row["consent_id"], _standing(row)) for row in rows]


def _standing(row: Any) -> Standing:
    return Standing(
        known=row["known"],
        erased=row["erased"],
        basis=LawfulBasis(row["basis"]) if row["basis"] else None,
        active=bool(row["active"]),
        covers_channel=bool(row["covers_channel"]),
        status=ConsentStatus(row["status"]) if row["status"] else None,
        expires_at=row["expires_at"],
    )


async def find(connection: Connection, subject_id: UUID, purpose: str, channel: str) -> UUID | None:
    """The consent of a person to a purpose and channel."""
    arguments = _FIND.args(subject_id=subject_id, purpose=purpose, channel=channel)
    found: UUID | None = await connection.fetchval(_FIND.text, *arguments)
    return found


async def of_subject(connection: Connection, subject_id: UUID) -> list[UUID]:
    """All consents of a person."""
    return [row[0] for row in await connection.fetch("SELECT id FROM consents WHERE subject_id = $1", subject_id)]


async def lock_subject(connection: Connection, subject_id: UUID) -> None:
    """Let one statement of a person be put on record at a time."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('consents.' || $1, 0))", str(subject_id))


async def expired(connection: Connection, moment: datetime, *, limit: int) -> list[UUID]:
    """Consents whose time is over, those that have waited longest first."""
    return [row[0] for row in await connection.fetch(_EXPIRED.text, *_EXPIRED.args(moment=moment, row_limit=limit))]
