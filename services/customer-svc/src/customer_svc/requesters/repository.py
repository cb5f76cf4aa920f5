"""Queries of requesters."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Uuid, bindparam, not_, or_, select
from sqlalchemy.dialects.postgresql import insert

from crm_platform.db import Connection, Query
from customer_svc.requesters.models import requesters

_of = requesters.c
_new = insert(requesters).values(
    user_id=bindparam("user_id", type_=Uuid),
    active=bindparam("active", type_=Boolean),
    changed_at=bindparam("changed_at", type_=DateTime(True)),
)
_NOTE = Query(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "user_id"],
        set_={"active": _new.excluded.active, "changed_at": _new.excluded.changed_at},
        where=_of.changed_at <= _new.excluded.changed_at,
    )
)
_CHANGED = Query(
    select(or_(not_(_of.active), _of.changed_at > bindparam("since", type_=DateTime(True)))).where(
        _of.user_id == bindparam("user_id", type_=Uuid)
    )
)


async def note(connection: Connection, user_id: UUID, *, active: bool, at: datetime) -> None:
    """Put down that somebody's rights have changed; what is older than what is known is left out."""
    await connection.execute(_NOTE.text, *_NOTE.args(user_id=user_id, active=active, changed_at=at))


async def has_changed(connection: Connection, user_id: UUID, since: datetime) -> bool:
    """Whether somebody's account is inactive, or its rights have changed since a moment."""
    return bool(await connection.fetchval(_CHANGED.text, *_CHANGED.args(user_id=user_id, since=since)))
