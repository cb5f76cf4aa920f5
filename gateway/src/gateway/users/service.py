"""Use cases of users."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import asyncpg

from crm_contracts.identity.v1 import UserCreated, UserUpdated
from crm_platform.db import Connection
from crm_platform.http.batch import BatchMode, BatchStatus, Written
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from gateway.passwords.service import Passwords
from gateway.roles import service as roles
from gateway.second_factor.service import SecondFactors
from gateway.sessions import service as sessions
from gateway.text import email_key
from gateway.users import repository
from gateway.users.domain import NOUN, User
from gateway.users.errors import EmailTaken, LastAdministrator, UnknownTeam
from gateway.users.models import USERS
from gateway.users.schemas import UserCreate, UserEntry, UserUpdate


class WithdrawCredentials(Protocol):
    """Withdraws all credentials that some actors have made; those know users, not the other way round."""

    async def __call__(self, unit: UnitOfWork, makers: Sequence[str], *, reason: str) -> None:
        """Do it."""


async def create_user(unit: UnitOfWork, passwords: Passwords, body: UserCreate) -> Rendered:
    """Give a person an account.

    Raises:
        EmailTaken: Another user has the e-mail address.
        UnknownTeam: The team does not exist.
        UnknownRole: A role does not exist.
        BeyondOwnRights: A role allows more than the caller may.
        WeakPassword: The password is too easy to guess.
    """
    user = _new_user(unit, body)
    await _check_roles(unit, user.roles)
    if body.password is None:
        return await _insert(unit, user)
    rendered = await _insert(unit, user.with_(password_changed_at=unit.now))
    await passwords.store(unit.connection, user.id, user.email, body.password.get_secret_value())
    return rendered


async def create_users(unit: UnitOfWork, bodies: Sequence[UserEntry]) -> list[Written]:
    """Give many people accounts at once; all or none."""
    for names in {body.roles for body in bodies}:
        await _check_roles(unit, names)
    written = await unit.insert_many(USERS, [_new_user(unit, body) for body in bodies], UserCreated)
    return [Written(BatchStatus.CREATED, user.id, user.version) for user in written]


async def write_users(unit: UnitOfWork, bodies: Sequence[UserEntry], mode: BatchMode) -> list[Written]:
    """Create users, or with ``upsert`` bring those up to date whose e-mail address is known."""
    keys = [email_key(body.email) for body in bodies]
    known = await repository.known_emails(unit.connection, keys)
    if not known and len(set(keys)) == len(keys):
        return await create_users(unit, bodies)
    return [await write_user(unit, body, mode) for body in bodies]


async def write_user(unit: UnitOfWork, body: UserEntry, mode: BatchMode) -> Written:
    """Like :func:`write_users`, for one."""
    known = await repository.find_by_email(unit.connection, email_key(body.email))
    if known is not None and mode is BatchMode.UPSERT:
        before = await unit.load(USERS, known.id, if_match=ANY_VERSION)
        rendered = await _change(unit, before, body)
        status = BatchStatus.UNCHANGED if rendered.version == before.version else BatchStatus.UPDATED
        return Written(status, known.id, rendered.version)
    await _check_roles(unit, body.roles)
    rendered = await _insert(unit, _new_user(unit, body))
    return Written(BatchStatus.CREATED, rendered.id, rendered.version)


async def update_user(unit: UnitOfWork, id: UUID, body: UserUpdate, *, if_match: object) -> Rendered:
    """Change fields of a user.

    Raises:
        BeyondOwnRights: The user has, or would get, roles that allow more than the caller may.
        LastAdministrator: Nobody would be left to let others in.
    """
    before = await unit.load(USERS, id, if_match=if_match)
    return await _change(unit, before, body)


async def activate_user(unit: UnitOfWork, id: UUID, *, if_match: object) -> Rendered:
    """Let a user sign in again."""
    before = await load_within(unit, id, if_match=if_match)
    return await unit.update(USERS, before, before.activated(), UserUpdated)


async def deactivate_user(unit: UnitOfWork, id: UUID, withdraw: WithdrawCredentials, *, if_match: object) -> Rendered:
    """Let a user in no more: sessions and the credentials that he or she has made end now.

    Access tokens that are out end within their ten minutes.

    Raises:
        LastAdministrator: Nobody would be left to let others in.
    """
    before = await load_within(unit, id, if_match=if_match)
    after = before.deactivated()
    await _keep_an_admin(unit.connection, before, after)
    rendered = await unit.update(USERS, before, after, UserUpdated)
    await sessions.revoke_sessions(unit.connection, id, "the user was deactivated")
    await withdraw(unit, [f"user:{id}"], reason="its maker was deactivated")
    return rendered


async def set_password(
    unit: UnitOfWork, passwords: Passwords, id: UUID, password: str, *, if_match: object
) -> Rendered:
    """Give somebody a new password, unlock the account and end all sessions.

    Raises:
        BeyondOwnRights: The user has roles that allow more than the caller may.
        WeakPassword: The password is too easy to guess.
    """
    before = await load_within(unit, id, if_match=if_match)
    return await change_password(unit, passwords, before, password)


async def change_password(unit: UnitOfWork, passwords: Passwords, before: User, password: str) -> Rendered:
    """Like :func:`set_password`, for a user whom the caller has loaded."""
    await passwords.store(unit.connection, before.id, before.email, password)
    await passwords.clear_tries(unit.connection, before.email)
    await sessions.revoke_sessions(unit.connection, before.id, "the password was changed")
    return await unit.update(USERS, before, before.with_(password_changed_at=unit.now), UserUpdated)


async def reset_second_factor(
    unit: UnitOfWork, second_factors: SecondFactors, id: UUID, *, if_match: object
) -> Rendered:
    """Remove the second factor of somebody who has lost it.

    Raises:
        BeyondOwnRights: The user has roles that allow more than the caller may.
    """
    before = await load_within(unit, id, if_match=if_match)
    await second_factors.remove(unit.connection, id)
    return await unit.update(USERS, before, before.with_(second_factor=False), UserUpdated)


async def sign_out_user(unit: UnitOfWork, id: UUID) -> None:
    """End all sessions of a user.

    Raises:
        BeyondOwnRights: The user has roles that allow more than the caller may.
    """
    await load_within(unit, id, if_match=ANY_VERSION)
    await sessions.revoke_sessions(unit.connection, id, "signed out by an administrator")


async def mark_second_factor(unit: UnitOfWork, id: UUID, *, used: bool) -> None:
    """Note whether sign-in asks the user for a one-time code."""
    before = await unit.load(USERS, id, if_match=ANY_VERSION)
    await unit.update(USERS, before, before.with_(second_factor=used), UserUpdated)


async def load_within(unit: UnitOfWork, id: UUID, *, if_match: object) -> User:
    """A user, locked, over whom the caller has power: one who may do and see no more than the caller.

    Raises:
        BeyondOwnRights: The user has roles that allow more than the caller may.
    """
    user = await unit.load(USERS, id, if_match=if_match)
    roles.check_team(unit.caller, user.team_id)
    await _check_roles(unit, user.roles, strict=False)
    return user


async def load_own(unit: UnitOfWork) -> User:
    """The caller's own account, locked."""
    return await unit.load(USERS, unit.caller.id, if_match=ANY_VERSION)


async def find_user(connection: Connection, id: UUID) -> User | None:
    """The user of this id, whoever asks; not locked."""
    return await repository.find(connection, id)


async def hold_active(connection: Connection, id: UUID) -> bool:
    """Whether the user is active; nobody changes that until the transaction ends."""
    return await repository.hold_active(connection, id)


async def find_by_email(connection: Connection, email: str) -> User | None:
    """The user of this e-mail address, whoever asks; not locked."""
    return await repository.find_by_email(connection, email_key(email))


async def count_holders(connection: Connection, role: str) -> int:
    """Users who have the role of this name, inactive ones too."""
    return await repository.count_holders(connection, role)


async def find_missing(connection: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Those of ``ids`` that are no users."""
    known = await repository.known_ids(connection, ids)
    return [id for id in ids if id not in known]


def _new_user(unit: UnitOfWork, body: UserEntry) -> User:
    roles.check_team(unit.caller, body.team_id)
    return User(id=new_id(), **body.model_dump(exclude={"password"}))


async def _insert(unit: UnitOfWork, user: User) -> Rendered:
    try:
        return await unit.insert(USERS, user, UserCreated)
    except asyncpg.UniqueViolationError as error:
        raise EmailTaken(email=user.email) from error
    except asyncpg.ForeignKeyViolationError as error:
        raise UnknownTeam(team_id=user.team_id) from error


async def _change(unit: UnitOfWork, before: User, body: UserEntry | UserUpdate) -> Rendered:
    after = before.with_(**changes_of(body))
    for user in (before, after):
        roles.check_team(unit.caller, user.team_id)
    await _check_roles(unit, before.roles, strict=False)
    if after.roles != before.roles:
        await _check_roles(unit, after.roles)
        await _keep_an_admin(unit.connection, before, after)
    try:
        return await unit.update(USERS, before, after, UserUpdated)
    except asyncpg.UniqueViolationError as error:
        raise EmailTaken(email=after.email) from error
    except asyncpg.ForeignKeyViolationError as error:
        raise UnknownTeam(team_id=after.team_id) from error


async def _check_roles(unit: UnitOfWork, names: Sequence[str], *, strict: bool = True) -> None:
    """Nobody hands out roles, or takes over accounts with roles, that allow more than he or she may."""
    if names:
        roles.check_within(unit.caller, await roles.rights_of(unit.connection, names, strict=strict))


async def _keep_an_admin(connection: Connection, before: User, after: User) -> None:
    if not before.active or roles.ADMIN not in before.roles or (after.active and roles.ADMIN in after.roles):
        return
    await repository.lock_admins(connection)
    if await repository.other_admins(connection, before.id) == 0:
        raise LastAdministrator


__all__ = [
    "NOUN",
    "User",
    "activate_user",
    "change_password",
    "count_holders",
    "create_user",
    "create_users",
    "deactivate_user",
    "find_by_email",
    "find_missing",
    "find_user",
    "hold_active",
    "load_own",
    "load_within",
    "mark_second_factor",
    "reset_second_factor",
    "set_password",
    "sign_out_user",
    "update_user",
    "write_user",
    "write_users",
]
