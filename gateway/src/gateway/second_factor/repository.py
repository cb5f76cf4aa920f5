"""Queries of the second factors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, LargeBinary, Uuid, bindparam, delete, func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from crm_platform.db import Connection, Query
from gateway.second_factor.models import recovery_codes, second_factors

_user = bindparam("user_id", type_=Uuid)
_of_user = second_factors.c.user_id == bindparam("of_user", type_=Uuid)
_step = bindparam("step", type_=BigInteger)
_now = bindparam("now", type_=DateTime(timezone=True))

_FIND = Query(
    select(second_factors.c.sealed_secret, second_factors.c.confirmed_at.is_not(None)).where(
        second_factors.c.user_id == _user
    )
)
_new = insert(second_factors).values(
    user_id=_user, sealed_secret=bindparam("sealed_secret", type_=LargeBinary), last_step=0
)
_BEGIN = Query(
    _new.on_conflict_do_update(
        constraint="pk_second_factors",
        set_={"sealed_secret": _new.excluded.sealed_secret, "last_step": 0},
        where=second_factors.c.confirmed_at.is_(None),
    ).returning(second_factors.c.user_id)
)
_ACCEPT = Query(
    update(second_factors)
    .where(_of_user, second_factors.c.last_step < _step)
    .values(last_step=_step)
    .returning(second_factors.c.user_id)
)
_CONFIRM = Query(update(second_factors).where(_of_user).values(confirmed_at=_now))
_REMOVE = Query(delete(second_factors).where(_of_user))

_codes_of_user = recovery_codes.c.user_id == bindparam("of_user", type_=Uuid)
_ADD_CODE = Query(
    plain_insert(recovery_codes).values(user_id=_user, fingerprint=bindparam("fingerprint", type_=LargeBinary))
)
_USE_CODE = Query(
    update(recovery_codes)
    .where(
        _codes_of_user,
        recovery_codes.c.fingerprint == bindparam("known", type_=LargeBinary),
        recovery_codes.c.used_at.is_(None),
    )
    .values(used_at=_now)
    .returning(recovery_codes.c.user_id)
)
_DROP_CODES = Query(delete(recovery_codes).where(_codes_of_user))
_CODES_LEFT = Query(select(func.count()).where(_codes_of_user, recovery_codes.c.used_at.is_(None)))


@dataclass(frozen=True, slots=True)
class StoredFactor:
    """What is known of a user's second factor."""

    sealed_secret: bytes
    confirmed: bool


async def find(connection: Connection, user_id: UUID) -> StoredFactor | None:
    """The user's second factor, confirmed or not."""
    row = await connection.fetchrow(_FIND.text, *_FIND.args(user_id=user_id))
    return None if row is None else StoredFactor(*row)


async def begin(connection: Connection, user_id: UUID, sealed_secret: bytes) -> bool:
    """Keep a secret that is not confirmed yet; False where a confirmed one is in use."""
    arguments = _BEGIN.args(user_id=user_id, sealed_secret=sealed_secret)
    return await connection.fetchval(_BEGIN.text, *arguments) is not None


async def accept(connection: Connection, user_id: UUID, step: int) -> bool:
    """Use up the code of a time step; False where it, or a later one, was used before."""
    return await connection.fetchval(_ACCEPT.text, *_ACCEPT.args(of_user=user_id, step=step)) is not None


async def confirm(connection: Connection, user_id: UUID, now: datetime) -> None:
    """Sign-in asks for a code from now on."""
    await connection.execute(_CONFIRM.text, *_CONFIRM.args(of_user=user_id, now=now))


async def remove(connection: Connection, user_id: UUID) -> None:
    """Sign-in asks for no code any more."""
    await connection.execute(_DROP_CODES.text, *_DROP_CODES.args(of_user=user_id))
    await connection.execute(_REMOVE.text, *_REMOVE.args(of_user=user_id))


async def replace_codes(connection: Connection, user_id: UUID, fingerprints: Sequence[bytes]) -> None:
    """Make these the user's only recovery codes."""
    await connection.execute(_DROP_CODES.text, *_DROP_CODES.args(of_user=user_id))
    rows = [_ADD_CODE.args(user_id=user_id, fingerprint=fingerprint) for fingerprint in fingerprints]
    await connection.executemany(_ADD_CODE.text, rows)


async def use_code(connection: Connection, user_id: UUID, fingerprint: bytes, now: datetime) -> bool:
    """Use up a recovery code; False where there is none, or it was used before."""
    arguments = _USE_CODE.args(of_user=user_id, known=fingerprint, now=now)
    return await connection.fetchval(_USE_CODE.text, *arguments) is not None


async def codes_left(connection: Connection, user_id: UUID) -> int:
    """Recovery codes that can still be used."""
    number: int = await connection.fetchval(_CODES_LEFT.text, *_CODES_LEFT.args(of_user=user_id))
    return number
