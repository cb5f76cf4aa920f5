"""Queries of the signing keys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, DateTime, LargeBinary, Text, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB

from crm_platform.db import Connection, Query
from gateway.signing_keys.domain import SigningKey
from gateway.signing_keys.models import signing_keys

_COLUMNS = (
    signing_keys.c.kid,
    signing_keys.c.public,
    signing_keys.c.published_at,
    signing_keys.c.use_from,
    signing_keys.c.sealed,
)
_MOMENT = DateTime(timezone=True)
_ALL = Query(select(*_COLUMNS).order_by(signing_keys.c.use_from))
_ADD = Query(
    insert(signing_keys).values(
        kid=bindparam("kid", type_=Text),
        public=bindparam("public", type_=JSONB),
        published_at=bindparam("published_at", type_=_MOMENT),
        use_from=bindparam("use_from", type_=_MOMENT),
        sealed=bindparam("sealed", type_=LargeBinary),
    )
)
_BRING_FORWARD = Query(
    update(signing_keys)
    .where(signing_keys.c.kid == bindparam("of_kid", type_=Text))
    .values(use_from=bindparam("use_from", type_=_MOMENT))
)
_REMOVE = Query(delete(signing_keys).where(signing_keys.c.kid == bindparam("kids", type_=ARRAY(Text)).any_()))

_LOCK = "SELECT pg_advisory_xact_lock(4201203, 0)"


async def lock(connection: Connection) -> None:
    """Be the only process that changes keys until the transaction ends."""
    await connection.execute(_LOCK)


async def all_keys(connection: Connection) -> list[SigningKey]:
    """All keys, in the order of their use."""
    return [SigningKey(*row) for row in await connection.fetch(_ALL.text)]


async def add(connection: Connection, key: SigningKey) -> None:
    """Publish a key."""
    arguments = _ADD.args(
        kid=key.kid, public=key.public, published_at=key.published_at, use_from=key.use_from, sealed=key.sealed
    )
    await connection.execute(_ADD.text, *arguments)


async def bring_forward(connection: Connection, kid: str, use_from: datetime) -> None:
    """Let a key sign from this moment on."""
    await connection.execute(_BRING_FORWARD.text, *_BRING_FORWARD.args(of_kid=kid, use_from=use_from))


async def remove(connection: Connection, kids: Sequence[str]) -> None:
    """Forget keys."""
    await connection.execute(_REMOVE.text, *_REMOVE.args(kids=list(kids)))
