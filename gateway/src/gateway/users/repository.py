"""Queries of the users beyond load, insert and update."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, func, literal, select

from crm_platform.db import Connection, Query
from gateway.roles.service import ADMIN
from gateway.users.domain import User
from gateway.users.models import USERS, users

# Changes of administrators are made one after the other in each tenant: two who take each other's role away
# at the same moment would otherwise leave none.
_LOCK_ADMINS = "SELECT pg_advisory_xact_lock(4201202, hashtext(current_setting('crm.tenant_id')))"

_STATE = [column for column in users.c if column.name != "tenant_id"]
_FIND = Query(select(*_STATE).where(users.c.id == bindparam("id", type_=Uuid)))
_HOLD_ACTIVE = Query(select(users.c.active).where(users.c.id == bindparam("id", type_=Uuid)).with_for_update(read=True))
_FIND_BY_EMAIL = Query(select(*_STATE).where(users.c.email_norm == bindparam("email_norm", type_=Text)))
_KNOWN_EMAILS = Query(
    select(users.c.email_norm, users.c.id).where(
        users.c.email_norm == bindparam("email_norms", type_=ARRAY(Text)).any_()
    )
)
_KNOWN_IDS = Query(select(users.c.id).where(users.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_()))
_HOLDERS = Query(select(func.count()).where(bindparam("role", type_=Text) == any_(users.c.roles)))
_OTHER_ADMINS = Query(
    select(func.count()).where(
        users.c.active,
        users.c.password_changed_at.is_not(None),
        literal(ADMIN) == any_(users.c.roles),
        users.c.id != bindparam("id", type_=Uuid),
    )
)


async def count_holders(connection: Connection, role: str) -> int:
    """Users who have the role of this name, inactive ones too."""
    number: int = await connection.fetchval(_HOLDERS.text, *_HOLDERS.args(role=role))
    return number


async def find(connection: Connection, id: UUID) -> User | None:
    """The user of this id, whoever asks; not locked."""
    row = await connection.fetchrow(_FIND.text, *_FIND.args(id=id))
    return None if row is None else USERS.spec.from_row(row)


async def hold_active(connection: Connection, id: UUID) -> bool:
    """Whether the user is active; nobody changes that until the transaction ends."""
    return await connection.fetchval(_HOLD_ACTIVE.text, *_HOLD_ACTIVE.args(id=id)) is True


async def find_by_email(connection: Connection, email_norm: str) -> User | None:
    """The user of this e-mail address, whoever asks; not locked."""
    row = await connection.fetchrow(_FIND_BY_EMAIL.text, *_FIND_BY_EMAIL.args(email_norm=email_norm))
    return None if row is None else USERS.spec.from_row(row)


async def known_emails(connection: Connection, email_norms: Sequence[str]) -> dict[str, UUID]:
    """The users behind these e-mail addresses; unknown ones are absent."""
    rows = await connection.fetch(_KNOWN_EMAILS.text, *_KNOWN_EMAILS.args(email_norms=list(email_norms)))
    return {row[0]: row[1] for row in rows}


async def known_ids(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Those of ``ids`` that are users."""
    return {row[0] for row in await connection.fetch(_KNOWN_IDS.text, *_KNOWN_IDS.args(ids=list(ids)))}


async def lock_admins(connection: Connection) -> None:
    """Be the only one in this tenant who takes administrators away, until the transaction ends."""
    await connection.execute(_LOCK_ADMINS)


async def other_admins(connection: Connection, id: UUID) -> int:
    """Administrators beside this user who can sign in."""
    number: int = await connection.fetchval(_OTHER_ADMINS.text, *_OTHER_ADMINS.args(id=id))
    return number
