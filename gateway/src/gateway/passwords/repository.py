"""Queries of the passwords and of failed tries."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from crm_platform.db import Connection, Query
from gateway.passwords.models import passwords, sign_in_tries

_FIND = Query(select(passwords.c.hash).where(passwords.c.user_id == bindparam("user_id", type_=Uuid)))
_new = insert(passwords).values(user_id=bindparam("user_id", type_=Uuid), hash=bindparam("hash", type_=Text))
_STORE = Query(_new.on_conflict_do_update(constraint="pk_passwords", set_={"hash": _new.excluded.hash}))

_now = bindparam("now", type_=DateTime(timezone=True))
_cooled = sign_in_tries.c.tried_at <= bindparam("cooled_at", type_=DateTime(timezone=True))
_open = sign_in_tries.c.failures < bindparam("limit", type_=Integer)
_TAKE = Query(
    insert(sign_in_tries)
    .values(account=bindparam("account", type_=LargeBinary), failures=1, tried_at=_now)
    .on_conflict_do_update(
        constraint="pk_sign_in_tries",
        set_={
            "failures": case((_cooled, 1), (_open, sign_in_tries.c.failures + 1), else_=bindparam("limit") + 1),
            "tried_at": case((_cooled | _open, _now), else_=sign_in_tries.c.tried_at),
        },
    )
    .returning(sign_in_tries.c.failures, sign_in_tries.c.tried_at)
)
_account = sign_in_tries.c.account == bindparam("account", type_=LargeBinary)
_GIVE_BACK = Query(
    update(sign_in_tries)
    .where(and_(_account, sign_in_tries.c.failures > 0))
    .values(failures=func.least(sign_in_tries.c.failures, bindparam("limit", type_=Integer)) - 1)
)
_CLEAR = Query(delete(sign_in_tries).where(_account))
_PURGE = Query(delete(sign_in_tries).where(_cooled))


def account_of(email_key: str) -> bytes:
    """What tries are counted under; a hash, since people also type other secrets into that field."""
    return hashlib.sha256(email_key.encode()).digest()


async def find_hash(connection: Connection, user_id: UUID) -> str | None:
    """The hash of the user's password."""
    found: str | None = await connection.fetchval(_FIND.text, *_FIND.args(user_id=user_id))
    return found


async def store_hash(connection: Connection, user_id: UUID, hash: str) -> None:
    """Replace the user's password."""
    await connection.execute(_STORE.text, *_STORE.args(user_id=user_id, hash=hash))


async def take_try(
    connection: Connection, account: bytes, now: datetime, *, limit: int, window: timedelta
) -> tuple[int, datetime]:
    """Count a try before it is made; returns how many there are (above ``limit``: locked) and when the last was."""
    row = await connection.fetchrow(
        _TAKE.text, *_TAKE.args(account=account, now=now, cooled_at=now - window, limit=limit)
    )
    return row[0], row[1]


async def give_back_try(connection: Connection, account: bytes, *, limit: int) -> None:
    """A try was right as far as it went."""
    await connection.execute(_GIVE_BACK.text, *_GIVE_BACK.args(account=account, limit=limit))


async def clear_tries(connection: Connection, account: bytes) -> None:
    """The account's owner has come in."""
    await connection.execute(_CLEAR.text, *_CLEAR.args(account=account))


async def purge_tries(connection: Connection, cooled_at: datetime) -> None:
    """Forget what no longer counts."""
    await connection.execute(_PURGE.text, *_PURGE.args(cooled_at=cooled_at))
