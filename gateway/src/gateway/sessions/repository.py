"""Queries of the sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, Text, Uuid, and_, bindparam, delete, insert, or_, select, update

from crm_platform.db import Connection, Query
from gateway.sessions.models import refresh_tokens, sessions

_MOMENT = DateTime(timezone=True)
_now = bindparam("now", type_=_MOMENT)
_session = sessions.c.id == bindparam("session_id", type_=Uuid)
_user = sessions.c.user_id == bindparam("of_user", type_=Uuid)
_revoked = {"revoked_at": _now, "revoked_for": bindparam("reason", type_=Text)}

_ADD = Query(
    insert(sessions).values(
        id=bindparam("id", type_=Uuid),
        user_id=bindparam("user_id", type_=Uuid),
        created_at=_now,
        used_at=_now,
        expires_at=bindparam("expires_at", type_=_MOMENT),
        client=bindparam("client", type_=Text),
    )
)
_ADD_TOKEN = Query(
    insert(refresh_tokens).values(
        hash=bindparam("hash", type_=LargeBinary),
        session_id=bindparam("session_id", type_=Uuid),
        expires_at=bindparam("expires_at", type_=_MOMENT),
    )
)
_LOCK = Query(
    select(sessions.c.user_id, sessions.c.expires_at, sessions.c.revoked_at).where(_session).with_for_update()
)
_FIND_TOKEN = Query(
    select(refresh_tokens.c.expires_at, refresh_tokens.c.used_at).where(
        refresh_tokens.c.hash == bindparam("hash", type_=LargeBinary),
        refresh_tokens.c.session_id == bindparam("session_id", type_=Uuid),
    )
)
_USE_TOKEN = Query(
    update(refresh_tokens).where(refresh_tokens.c.hash == bindparam("of_hash", type_=LargeBinary)).values(used_at=_now)
)
_TOUCH = Query(update(sessions).where(_session).values(used_at=_now))
_REVOKE = Query(update(sessions).where(_session, sessions.c.revoked_at.is_(None)).values(_revoked))
_REVOKE_OWN = Query(
    update(sessions).where(_session, _user, sessions.c.revoked_at.is_(None)).values(_revoked).returning(sessions.c.id)
)
_REVOKE_ALL = Query(update(sessions).where(_user, sessions.c.revoked_at.is_(None)).values(_revoked))
_PURGE = Query(
    delete(sessions).where(
        or_(
            sessions.c.expires_at < bindparam("ended_before", type_=_MOMENT),
            sessions.c.used_at < bindparam("idle_since", type_=_MOMENT),
        )
    )
)

OPEN_OF_USER = and_(
    sessions.c.user_id == bindparam("user_id", type_=Uuid),
    sessions.c.revoked_at.is_(None),
    sessions.c.expires_at > bindparam("now", type_=_MOMENT),
    sessions.c.used_at > bindparam("idle_since", type_=_MOMENT),
)
"""The sessions of one user in which he or she can still go on."""


@dataclass(frozen=True, slots=True)
class StoredSession:
    """What is known of a session; its row is locked."""

    user_id: UUID
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredToken:
    """What is known of a refresh token."""

    expires_at: datetime
    used_at: datetime | None


async def add(
    connection: Connection, id: UUID, user_id: UUID, *, now: datetime, expires_at: datetime, client: str | None
) -> None:
    """Begin a session."""
    arguments = _ADD.args(id=id, user_id=user_id, now=now, expires_at=expires_at, client=client)
    await connection.execute(_ADD.text, *arguments)


async def add_token(connection: Connection, session_id: UUID, hash: bytes, expires_at: datetime) -> None:
    """Remember a refresh token."""
    arguments = _ADD_TOKEN.args(session_id=session_id, hash=hash, expires_at=expires_at)
    await connection.execute(_ADD_TOKEN.text, *arguments)


async def lock(connection: Connection, session_id: UUID) -> StoredSession | None:
    """The session, locked, so that two exchanges of one token come one after the other."""
    row = await connection.fetchrow(_LOCK.text, *_LOCK.args(session_id=session_id))
    return None if row is None else StoredSession(*row)


async def find_token(connection: Connection, session_id: UUID, hash: bytes) -> StoredToken | None:
    """The refresh token of this hash."""
    row = await connection.fetchrow(_FIND_TOKEN.text, *_FIND_TOKEN.args(session_id=session_id, hash=hash))
    return None if row is None else StoredToken(*row)


async def use_token(connection: Connection, session_id: UUID, hash: bytes, now: datetime) -> None:
    """Mark a refresh token as exchanged, and its session as alive."""
    await connection.execute(_USE_TOKEN.text, *_USE_TOKEN.args(of_hash=hash, now=now))
    await connection.execute(_TOUCH.text, *_TOUCH.args(session_id=session_id, now=now))


async def revoke(connection: Connection, session_id: UUID, now: datetime, reason: str) -> None:
    """End a session."""
    await connection.execute(_REVOKE.text, *_REVOKE.args(session_id=session_id, now=now, reason=reason))


async def revoke_own(connection: Connection, session_id: UUID, user_id: UUID, now: datetime, reason: str) -> bool:
    """End a session of this user; False where there is none."""
    arguments = _REVOKE_OWN.args(session_id=session_id, of_user=user_id, now=now, reason=reason)
    return await connection.fetchval(_REVOKE_OWN.text, *arguments) is not None


async def revoke_all(connection: Connection, user_id: UUID, now: datetime, reason: str) -> None:
    """End all sessions of this user."""
    await connection.execute(_REVOKE_ALL.text, *_REVOKE_ALL.args(of_user=user_id, now=now, reason=reason))


async def purge(connection: Connection, *, ended_before: datetime, idle_since: datetime) -> None:
    """Forget sessions that ended or were left."""
    await connection.execute(_PURGE.text, *_PURGE.args(ended_before=ended_before, idle_since=idle_since))
