"""Statements about the members of snapshots."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete

from crm_platform.db import Connection, Query
from customer_svc.segment_snapshots.models import segment_snapshot_members

_FORGET = Query(
    delete(segment_snapshot_members).where(
        segment_snapshot_members.c.snapshot_id == bindparam("snapshot_id", type_=Uuid)
    )
)
_WRITE_DOWN = """
WITH written AS (
  INSERT INTO segment_snapshot_members (snapshot_id, customer_id)
  SELECT $1, customer_id FROM segment_members WHERE segment_id = $2 AND member RETURNING 1
) SELECT count(*)::int FROM written
"""


async def write_down(connection: Connection, snapshot_id: UUID, segment_id: UUID) -> int:
    """Copy the members of a segment as they are at this moment; returns how many they are."""
    number: int = await connection.fetchval(_WRITE_DOWN, snapshot_id, segment_id)
    return number


async def forget(connection: Connection, snapshot_id: UUID) -> None:
    """Drop the members of a snapshot."""
    await connection.execute(_FORGET.text, *_FORGET.args(snapshot_id=snapshot_id))
