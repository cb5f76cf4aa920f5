"""Use cases of sessions: begin, go on, end."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from crm_platform.clock import utc_now
from crm_platform.db import Connection
from crm_platform.errors import NotFound
from crm_platform.ids import new_id
from gateway.sessions import repository
from gateway.sessions.domain import NOUN, Exchanged, RefreshToken, Refusal
from gateway.settings import IdentitySettings

CLIENT_LENGTH = 200

_KEEP_ENDED = timedelta(days=1)

_log = structlog.get_logger(__name__)


async def open_session(
    connection: Connection, settings: IdentitySettings, *, tenant_id: UUID, user_id: UUID, client: str | None
) -> RefreshToken:
    """Begin a session; returns its first refresh token."""
    now = utc_now()
    session_id = new_id()
    ends = now + timedelta(days=settings.session_days)
    shown = client[:CLIENT_LENGTH] if client else None
    await repository.add(connection, session_id, user_id, now=now, expires_at=ends, client=shown)
    return await _new_token(connection, settings, tenant_id, session_id, now)


async def exchange(connection: Connection, settings: IdentitySettings, token: RefreshToken) -> Exchanged | Refusal:
    """Turn a refresh token into the next one.

    A token that was exchanged before is in two hands, and nobody can tell which are the right ones: the whole
    session ends. The caller commits also when this is refused, or the end would be undone.
    """
    now = utc_now()
    session = await repository.lock(connection, token.session_id)
    known = await repository.find_token(connection, token.session_id, token.hash)
    if session is None or known is None:
        return Refusal.UNKNOWN
    if session.revoked_at is not None or min(session.expires_at, known.expires_at) <= now:
        return Refusal.ENDED
    if known.used_at is not None:
        await repository.revoke(connection, token.session_id, now, "a refresh token was used twice")
        _log.warning("refresh_token_reused", tenant=str(token.tenant_id), session=str(token.session_id))
        return Refusal.REUSED
    await repository.use_token(connection, token.session_id, token.hash, now)
    following = await _new_token(connection, settings, token.tenant_id, token.session_id, now)
    return Exchanged(session.user_id, token.session_id, following)


async def sign_out(connection: Connection, token: RefreshToken) -> None:
    """End the session of a refresh token, whether it is the latest or not; unknown ones pass."""
    if await repository.find_token(connection, token.session_id, token.hash) is not None:
        await repository.revoke(connection, token.session_id, utc_now(), "signed out")


async def revoke_own(connection: Connection, session_id: UUID, user_id: UUID) -> None:
    """End one of the user's own sessions.

    Raises:
        NotFound: The user has no such session, or it has ended.
    """
    if not await repository.revoke_own(connection, session_id, user_id, utc_now(), "revoked by the user"):
        raise NotFound(what=NOUN, id=session_id)


async def revoke_session(connection: Connection, session_id: UUID, reason: str) -> None:
    """End one session."""
    await repository.revoke(connection, session_id, utc_now(), reason)


async def revoke_sessions(connection: Connection, user_id: UUID, reason: str) -> None:
    """End all sessions of a user: nobody goes on with what he or she knew before."""
    await repository.revoke_all(connection, user_id, utc_now(), reason)


def idle_since(settings: IdentitySettings) -> datetime:
    """Sessions that were not used since this moment have ended."""
    return utc_now() - timedelta(days=settings.refresh_days)


async def purge_sessions(connection: Connection, settings: IdentitySettings) -> None:
    """Forget sessions that ended or were left a while ago; in a system transaction."""
    await repository.purge(
        connection, ended_before=utc_now() - _KEEP_ENDED, idle_since=idle_since(settings) - _KEEP_ENDED
    )


async def _new_token(
    connection: Connection, settings: IdentitySettings, tenant_id: UUID, session_id: UUID, now: datetime
) -> RefreshToken:
    token = RefreshToken.new(tenant_id, session_id)
    await repository.add_token(connection, session_id, token.hash, now + timedelta(days=settings.refresh_days))
    return token


__all__ = [
    "Exchanged",
    "RefreshToken",
    "Refusal",
    "exchange",
    "idle_since",
    "open_session",
    "purge_sessions",
    "revoke_own",
    "revoke_session",
    "revoke_sessions",
    "sign_out",
]
