"""Statements about memberships."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Integer, Uuid, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from crm_platform.db import Connection, Query
from customer_svc.segment_members.models import segment_members, segment_watches

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_ONLY = bindparam("only", type_=Uuid)
_LIMIT = bindparam("row_limit", type_=Integer)
_KNOWN = Query(
    select(segment_members.c.id, segment_members.c.member).where(
        segment_members.c.customer_id == _IDS.any_(), or_(_ONLY.is_(None), segment_members.c.segment_id == _ONLY)
    )
)
_DUE = Query(
    select(segment_watches.c.customer_id)
    .where(segment_watches.c.look_again_at <= bindparam("now", type_=DateTime(timezone=True)))
    .order_by(segment_watches.c.look_again_at)
    .limit(_LIMIT)
)
_FORGET = Query(delete(segment_watches).where(segment_watches.c.customer_id == _IDS.any_()))


def _watch(*, sooner: bool) -> Query:
    told = func.unnest(_IDS, bindparam("moments", type_=ARRAY(DateTime(timezone=True))))
    rows = told.table_valued("id", "at").render_derived("told")
    statement = insert(segment_watches).from_select(["customer_id", "look_again_at"], select(rows.c.id, rows.c.at))
    at = statement.excluded.look_again_at
    least = func.least(segment_watches.c.look_again_at, at)
    return Query(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "customer_id"], set_={"look_again_at": least if sooner else at}
        )
    )


_WATCH = {sooner: _watch(sooner=sooner) for sooner in (False, True)}


async def known(connection: Connection, ids: Sequence[UUID], only: UUID | None) -> dict[UUID, bool]:
    """The memberships of customers, in all segments or in one, and whether they hold."""
    rows = await connection.fetch(_KNOWN.text, *_KNOWN.args(ids=list(ids), only=only))
    return {row["id"]: row["member"] for row in rows}


async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Customers whose memberships may have changed by time alone, the longest overdue first."""
    return [row[0] for row in await connection.fetch(_DUE.text, *_DUE.args(now=now, row_limit=limit))]


async def watch(connection: Connection, moments: Mapping[UUID, datetime], *, sooner: bool) -> None:
    """Look at customers again at these moments; with ``sooner`` not later than was said before."""
    if moments:
        query = _WATCH[sooner]
        await connection.execute(query.text, *query.args(ids=list(moments), moments=list(moments.values())))


async def forget(connection: Connection, ids: Sequence[UUID]) -> None:
    """Do not look at these customers again for the sake of time."""
    await connection.execute(_FORGET.text, *_FORGET.args(ids=list(ids)))
