"""Use cases of credentials."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from crm_contracts.identity.v1 import CredentialCreated, CredentialRevoked
from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.db import Database
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from gateway.credentials import repository
from gateway.credentials.domain import (
    Credential,
    CredentialKind,
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

_USED_TO_THE = timedelta(minutes=1)


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
    if body.expires_at is not None and body.expires_at <= unit.now:
        raise ExpiryInPast(expires_at=body.expires_at.isoformat())
    credential = Credential.model_validate(
        {
            **body.model_dump(),
            "id": new_id(),
            "scopes": tuple(sorted(set(body.scopes))),
            "team_id": _team_for(unit.caller, body),
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
    """Withdraw a credential for good; gateways stop taking it within their cache time."""
    before = await unit.load(CREDENTIALS, id, if_match=if_match)
    return await unit.update(CREDENTIALS, before, before.revoked(), CredentialRevoked, reason=reason)


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


def _team_for(caller: Caller, body: CredentialCreate) -> UUID | None:
    """The team of a credential: one of the caller's, unless the caller sees all records anyway."""
    if body.team_id is None:
        return caller.team_ids[0] if caller.team_ids else None
    if caller.visibility != "all" and body.team_id not in caller.team_ids:
        raise roles.BeyondOwnRights(missing=f"team {body.team_id}")
    return body.team_id
