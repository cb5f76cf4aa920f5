"""Queries of the credentials beyond load, insert and update."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, LargeBinary, Text, Uuid, bindparam, insert, select, update

from crm_platform.db import Connection, Query
from gateway.credentials.domain import Credential
from gateway.credentials.models import CREDENTIALS, credential_secrets, credentials

_STATE = [column for column in credentials.c if column.name != "tenant_id"]
_FIND = Query(
    select(*_STATE, credential_secrets.c.hash.label("secret_hash"), credential_secrets.c.used_at)
    .join(credential_secrets, credential_secrets.c.credential_id == credentials.c.id)
    .where(credentials.c.id == bindparam("id", type_=Uuid))
)
_MADE_BY = Query(
    select(credentials.c.id)
    .where(credentials.c.created_by == bindparam("makers", type_=ARRAY(Text)).any_())
    .order_by(credentials.c.created_at, credentials.c.id)
)
_HOLD = Query(select(*_STATE).where(credentials.c.id == bindparam("id", type_=Uuid)).with_for_update(read=True))
_FIND_BY_NAME = Query(
    select(credentials.c.id).where(
        credentials.c.name_key == bindparam("name_key", type_=Text), credentials.c.status == "active"
    )
)
_STORE_HASH = Query(
    insert(credential_secrets).values(
        credential_id=bindparam("credential_id", type_=Uuid), hash=bindparam("hash", type_=LargeBinary)
    )
)
_TOUCH = Query(
    update(credential_secrets)
    .where(credential_secrets.c.credential_id == bindparam("id", type_=Uuid))
    .values(used_at=bindparam("now", type_=DateTime(timezone=True)))
)


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """A credential with what is kept of its secret."""

    credential: Credential
    secret_hash: bytes
    used_at: datetime | None


async def find(connection: Connection, id: UUID) -> StoredCredential | None:
    """The credential of this id, whoever asks."""
    row = await connection.fetchrow(_FIND.text, *_FIND.args(id=id))
    if row is None:
        return None
    return StoredCredential(CREDENTIALS.spec.from_row(row), row["secret_hash"], row["used_at"])


async def hold(connection: Connection, id: UUID) -> Credential | None:
    """The credential of this id, which nobody revokes until the transaction ends."""
    row = await connection.fetchrow(_HOLD.text, *_HOLD.args(id=id))
    return None if row is None else CREDENTIALS.spec.from_row(row)


async def find_made_by(connection: Connection, makers: Sequence[str]) -> list[UUID]:
    """The credentials that these actors have made, revoked ones too, the oldest first."""
    return [row[0] for row in await connection.fetch(_MADE_BY.text, *_MADE_BY.args(makers=list(makers)))]


async def find_active(connection: Connection, name_key: str) -> UUID | None:
    """The working credential of this name."""
    found: UUID | None = await connection.fetchval(_FIND_BY_NAME.text, *_FIND_BY_NAME.bind({"name_key": name_key}))
    return found


async def store_hash(connection: Connection, credential_id: UUID, hash: bytes) -> None:
    """Keep the hash of a new secret."""
    await connection.execute(_STORE_HASH.text, *_STORE_HASH.args(credential_id=credential_id, hash=hash))


async def touch(connection: Connection, id: UUID, now: datetime) -> None:
    """Note that the credential was used."""
    await connection.execute(_TOUCH.text, *_TOUCH.args(id=id, now=now))
