"""``python -m gateway.bootstrap``: make a tenant, its first administrator and, if asked, an API key.

Run again it changes nothing. Secrets come in and go out without ever being written down here: the
administrator's password is read from ``CRM_BOOTSTRAP_PASSWORD``, an API key that the caller has from an
earlier run from ``CRM_BOOTSTRAP_API_KEY``; the answer is one JSON object on standard output.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import orjson
from pydantic import SecretStr

from crm_platform.context import Cause, system_caller
from crm_platform.db import Connection, Database
from crm_platform.errors import DomainError
from crm_platform.uow import ANY_VERSION, UnitOfWork
from gateway.companies import service as companies
from gateway.companies.schemas import CompanyDefinition
from gateway.credentials import service as credentials
from gateway.credentials.schemas import CredentialCreate
from gateway.passwords.service import PasswordHasher, Passwords
from gateway.roles.service import ADMIN
from gateway.scopes import SCOPES
from gateway.settings import GatewaySettings, IdentitySettings
from gateway.tenants import service as tenants
from gateway.users import service as users
from gateway.users.schemas import UserCreate

PASSWORD_VARIABLE = "CRM_BOOTSTRAP_PASSWORD"  # noqa: S105  (the name of a variable)
API_KEY_VARIABLE = "CRM_BOOTSTRAP_API_KEY"
ACTOR = "bootstrap"

_KEEP = frozenset({"roles:write", "credentials:write", "audit:write"})
"""What a key for loading data does not need."""


@dataclass(frozen=True, slots=True)
class TenantReady:
    """A tenant into which its administrator can sign in."""

    tenant_id: UUID
    slug: str
    admin_id: UUID
    admin_created: bool


async def ensure_tenant(
    database: Database,
    slug: str,
    name: str,
    admin_email: str,
    admin_password: str,
    *,
    identity: IdentitySettings | None = None,
    company: CompanyDefinition | None = None,
) -> TenantReady:
    """The tenant and its administrator, made where they are missing; an administrator who is there stays as is.

    So does what the company has said of itself; where that is nothing, ``company`` holds.

    Raises:
        WeakPassword: The password of a new administrator is too easy to guess.
        ValueError: The slug is none.
    """
    tenant = await tenants.ensure_tenant(database, slug, name)
    identity = identity or IdentitySettings()
    hasher = PasswordHasher(identity)
    try:
        async with database.transaction(tenant.id) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(4201204, hashtext($1))", slug)
            if company is not None:
                await companies.define_once(_unit(connection, tenant.id), company)
            known = await users.find_by_email(connection, admin_email)
            if known is not None:
                return TenantReady(tenant.id, tenant.slug, known.id, admin_created=False)
            body = UserCreate(
                email=admin_email,
                name=admin_email.partition("@")[0],
                roles=(ADMIN,),
                password=SecretStr(admin_password),
            )
            made = await users.create_user(_unit(connection, tenant.id), Passwords(identity, hasher), body)
            return TenantReady(tenant.id, tenant.slug, made.id, admin_created=True)
    finally:
        hasher.close()


async def ensure_api_key(
    database: Database, tenant_id: UUID, name: str, *, scopes: Sequence[str] = (), known: str | None = None
) -> str:
    """A working API key of this name that sees all records.

    Args:
        database: The gateway's.
        tenant_id: Whose key.
        name: What the key is called.
        scopes: What it may do; everything but hand out rights where nothing is named.
        known: The key from an earlier call; it is returned as long as it works.

    Returns:
        The key. One that replaces a key whose text got lost makes that one useless.
    """
    if known is not None:
        caller = await credentials.check_api_key(database, known)
        if caller is not None and caller.tenant_id == tenant_id:
            return known
    body = CredentialCreate(name=name, scopes=tuple(scopes or sorted(SCOPES.keys() - _KEEP)), visibility="all")
    async with database.transaction(tenant_id) as connection:
        unit = _unit(connection, tenant_id)
        lost = await credentials.find_active(unit, name)
        if lost is not None:
            await credentials.revoke_credential(unit, lost, if_match=ANY_VERSION, reason="replaced by a new key")
        return (await credentials.create_credential(unit, body)).secret


def _unit(connection: Connection, tenant_id: UUID) -> UnitOfWork:
    caller = system_caller(tenant_id, ACTOR)
    return UnitOfWork(connection, caller, Cause(actor=f"system:{ACTOR}"))


async def _run(options: argparse.Namespace, settings: GatewaySettings, password: str) -> dict[str, object]:
    database = Database(settings.db, name="gateway-bootstrap")
    company = CompanyDefinition(time_zone=options.time_zone) if options.time_zone else None
    await database.open()
    try:
        ready = await ensure_tenant(
            database,
            options.tenant,
            options.name,
            options.email,
            password,
            identity=settings.identity,
            company=company,
        )
        answer: dict[str, object] = asdict(ready)
        if options.api_key:
            known = os.environ.get(API_KEY_VARIABLE)
            answer["api_key"] = await ensure_api_key(database, ready.tenant_id, options.api_key, known=known)
    finally:
        await database.close()
    return answer


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenant", required=True, help="short name: small letters, digits, hyphens")
    parser.add_argument("--name", required=True, help="full name of the tenant")
    parser.add_argument("--email", required=True, help="e-mail address of the first administrator")
    parser.add_argument(
        "--time-zone", metavar="ZONE", help="where its days begin and end, such as Asia/Shanghai; else UTC"
    )
    parser.add_argument("--api-key", metavar="NAME", help="also make an API key of this name")
    options = parser.parse_args()
    password = os.environ.get(PASSWORD_VARIABLE)
    if not password:
        parser.error(f"set {PASSWORD_VARIABLE}")
    try:
        answer = asyncio.run(_run(options, GatewaySettings(), password))
    except (DomainError, ValueError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 1
    sys.stdout.write(orjson.dumps(answer, default=str).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
