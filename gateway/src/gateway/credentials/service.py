"""Use cases of credentials."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from crm_contracts.identity.v1 import CredentialCreated, CredentialRevoked
from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.db import Connection, Database
from crm_platform.errors import Unauthenticated
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from gateway.credentials import repository
from gateway.credentials.domain import (
    Credential,
    CredentialKind,
    CredentialStatus,
    PublicId,
    api_key,
    new_secret,
    parse_api_key,
    secret_hash,
)
from gateway.credentials.errors import CredentialNameTaken, ExpiryInPast, UnknownTeam
from gateway.credentials.models import CREDENTIALS
from gateway.credentials.schemas import CredentialCreate
from gateway.roles import service as roles
from gateway.teams import service as teams
from gateway.text import name_key
from gateway.users import service as users

_USED_TO_THE = timedelta(minutes=1)
_SHUT_OUT = Words("whoever asks was shut out just now", "请求方刚刚已被停用")


@dataclass(frozen=True, slots=True)
class Issued:
    """A new credential, and its secret for the only time."""

    record: Rendered
    secret: str


async def create_credential(unit: UnitOfWork, body: CredentialCreate) -> Issued:
    """Make a credential that may do no more than its author.

    Raises:
        UnknownScope: A scope does not exist.
        BeyondOwnRights: It would be allowed more than the caller.
        UnknownTeam: The team does not exist.
        CredentialNameTaken: There is a working credential of this name.
        ExpiryInPast: It would never work.
    """
    roles.check_scopes(body.scopes)
    roles.check_within(unit.caller, roles.Rights(frozenset(body.scopes), body.visibility))
    await _hold_maker(unit)
    if body.expires_at is not None and body.expires_at <= unit.now:
        raise ExpiryInPast(expires_at=body.expires_at.isoformat())
    credential = Credential.model_validate(
        {
            **body.model_dump(),
            "id": new_id(),
            "scopes": tuple(sorted(set(body.scopes))),
            "team_id": _team_for(unit.caller, body),
            "expires_at": _expiry_for(unit.caller, body),
        }
    )
    secret = new_secret()
    try:
        rendered = await unit.insert(CREDENTIALS, credential, CredentialCreated)
    except asyncpg.UniqueViolationError as error:
        raise CredentialNameTaken from error
    except asyncpg.ForeignKeyViolationError as error:
        raise UnknownTeam(team_id=credential.team_id) from error
    await repository.store_hash(unit.connection, credential.id, secret_hash(secret))
    if credential.kind is CredentialKind.CLIENT:
        return Issued(rendered, secret)
    return Issued(rendered, api_key(PublicId(unit.caller.tenant_id, credential.id), secret))


async def revoke_credential(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Withdraw a credential for good, with all that was made with it; gateways stop within their cache time."""
    before = await unit.load(CREDENTIALS, id, if_match=if_match)
    rendered = await unit.update(CREDENTIALS, before, before.revoked(), CredentialRevoked, reason=reason)
    await revoke_made_by(unit, [_actor(before)], reason="the credential it was made with was revoked")
    return rendered


async def revoke_made_by(unit: UnitOfWork, makers: Sequence[str], *, reason: str) -> None:
    """Withdraw all credentials that these actors have made, and what was made with those in turn."""
    while makers:
        found = await repository.find_made_by(unit.connection, makers)
        states = await unit.find_many(CREDENTIALS, found)
        made = [states[id] for id in found]
        active = [credential for credential in made if credential.status is CredentialStatus.ACTIVE]
        changes = [(credential, credential.revoked()) for credential in active]
        await unit.update_many(CREDENTIALS, changes, CredentialRevoked, reason=reason)
        makers = [_actor(credential) for credential in made]


async def find_usable(connection: Connection, id: UUID) -> Credential | None:
    """The credential of this id, as long as it opens anything."""
    stored = await repository.find(connection, id)
    return stored.credential if stored is not None and stored.credential.usable(utc_now()) else None


async def check_api_key(database: Database, text: str) -> Caller | None:
    """Whom an API key stands for; None where it is unknown, expired or revoked."""
    parsed = parse_api_key(text)
    if parsed is None:
        return None
    return await _check(database, CredentialKind.API_KEY, *parsed)


async def check_client(database: Database, client_id: str, secret: str) -> Caller | None:
    """Whom an OAuth2 client's id and secret stand for; None where they are wrong, expired or revoked."""
    public_id = PublicId.parse(client_id)
    return None if public_id is None else await _check(database, CredentialKind.CLIENT, public_id, secret)


async def find_active(unit: UnitOfWork, name: str) -> UUID | None:
    """The working credential of this name."""
    return await repository.find_active(unit.connection, name_key(name))


async def _check(database: Database, kind: CredentialKind, public_id: PublicId, secret: str) -> Caller | None:
    now = utc_now()
    async with database.read(public_id.tenant_id) as connection:
        stored = await repository.find(connection, public_id.credential_id)
        known = stored.secret_hash if stored else b""
        right = hmac.compare_digest(known, secret_hash(secret))
        if stored is None or not right or stored.credential.kind is not kind or not stored.credential.usable(now):
            return None
        if _is_worth_noting(stored.used_at, now):
            await repository.touch(connection, public_id.credential_id, now)
        team_ids = await teams.teams_of(connection, team_id=stored.credential.team_id)
    return stored.credential.caller(public_id.tenant_id, team_ids)


def _is_worth_noting(used_at: datetime | None, now: datetime) -> bool:
    return used_at is None or now - used_at >= _USED_TO_THE


def _actor(credential: Credential) -> str:
    """How what is done with the credential is signed."""
    return f"{credential.caller_kind}:{credential.id}"


async def _hold_maker(unit: UnitOfWork) -> None:
    """See to it that the maker is not shut out meanwhile: what he or she has made ends then, this included.

    Raises:
        Unauthenticated: The maker was shut out just now.
    """
    maker = unit.caller
    if maker.kind == "user":
        welcome = await users.hold_active(unit.connection, maker.id)
    elif maker.kind == "service":
        welcome = True
    else:
        held = await repository.hold(unit.connection, maker.id)
        welcome = held is not None and held.usable(unit.now)
    if not welcome:
        raise Unauthenticated(why=_SHUT_OUT)


def _expiry_for(caller: Caller, body: CredentialCreate) -> datetime | None:
    """When a credential ends; one that was made with another does not outlive that one.

    Raises:
        BeyondOwnRights: It would.
    """
    if caller.kind not in {"apikey", "client"} or not caller.expires_at:
        return body.expires_at
    end = datetime.fromtimestamp(caller.expires_at, UTC)
    if body.expires_at is not None and body.expires_at > end:
        raise roles.BeyondOwnRights(missing=f"validity after {end.isoformat()}")
    return body.expires_at or end


def _team_for(caller: Caller, body: CredentialCreate) -> UUID | None:
    """The team of a credential: one of the caller's, unless the caller sees all records anyway."""
    if body.team_id is None:
        return caller.team_ids[0] if caller.team_ids else None
    roles.check_team(caller, body.team_id)
    return body.team_id
