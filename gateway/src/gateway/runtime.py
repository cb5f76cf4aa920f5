"""What a gateway process holds while it runs, beside what every service holds."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request

from crm_platform.auth.verifier import TokenVerifier
from crm_platform.context import Caller, Cause
from crm_platform.db import Connection, Database
from crm_platform.errors import Forbidden
from crm_platform.events.bell import OutboxBell
from crm_platform.http.dependencies import UnitOfWorkDep
from crm_platform.http.route import SCOPE
from crm_platform.objects.store import Objects
from crm_platform.runtime import Runtime
from crm_platform.uow import UnitOfWork
from gateway.authentication import Doorkeeper
from gateway.credentials import service as credentials
from gateway.credentials.api_keys import ApiKeys
from gateway.passwords.service import PasswordHasher, Passwords
from gateway.sealing import Sealer
from gateway.second_factor.service import SecondFactors
from gateway.settings import GatewaySettings
from gateway.signing_keys.keyring import KeyRing
from gateway.standing import rights_of_another, standing_of
from gateway.tokens.issuer import TokenIssuer, UpstreamTokens
from gateway.users import service as users


@dataclass(kw_only=True)
class GatewayRuntime(Runtime):
    """The parts of one gateway process.

    For the data path: ``door.authenticate`` has put the caller into the request's context already, and
    ``upstream_token(caller)`` gives the token with which a caller who came with an API key goes on.
    """

    settings: GatewaySettings
    keys: KeyRing
    issuer: TokenIssuer
    upstream: UpstreamTokens
    hasher: PasswordHasher
    passwords: Passwords
    second_factors: SecondFactors
    door: Doorkeeper

    @classmethod
    def of(cls, settings: GatewaySettings) -> Self:  # type: ignore[override]  # it needs a gateway's settings
        """Assemble the parts; nothing is opened yet."""
        identity = settings.identity
        database = Database(settings.db, name=settings.service)
        keys = KeyRing(database, settings)
        issuer = TokenIssuer(keys, settings.auth, identity.access_seconds)
        # Its own keys are at hand, so a withdrawn one is noticed here sooner than at the services.
        auth = settings.auth.model_copy(update={"jwks_max_age": identity.key_refresh_seconds})
        verifier = TokenVerifier(auth, keys.key_set)
        hasher = PasswordHasher(identity)
        return cls(
            settings=settings,
            database=database,
            bell=OutboxBell(settings.db.url),
            verifier=verifier,
            objects=Objects(settings.objects),
            keys=keys,
            issuer=issuer,
            upstream=UpstreamTokens(issuer),
            hasher=hasher,
            passwords=Passwords(identity, hasher),
            second_factors=SecondFactors(Sealer(settings.key_encryption_key, "second-factor")),
            door=Doorkeeper(verifier, ApiKeys(database, identity)),
        )

    async def open(self) -> None:
        """Connect to the database and get the keys ready."""
        await super().open()
        await self.keys.open()

    async def close(self) -> None:
        """Let go of everything."""
        self.hasher.close()
        await super().close()

    async def upstream_token(self, caller: Caller) -> str:
        """A token that tells a service what the gateway knows of ``caller``.

        Raises:
            Unavailable: There is no key to sign with.
        """
        return await self.upstream.token_for(caller)

    async def about_token(self, asker: Caller, user_id: UUID) -> str:
        """A token that tells a service what another user may do, for an asker who may know that.

        Raises:
            Forbidden: The asker may not ask about others, or not about this one.
            NotFound: There is no such user.
        """
        async with self.database.read(asker.tenant_id) as connection:
            about, active = await rights_of_another(connection, asker, user_id)
        return (await self.issuer.issue_about(about, active=active)).text

    async def withdraw_credentials(self, unit: UnitOfWork, makers: Sequence[str], *, reason: str) -> None:
        """Withdraw all credentials that these actors have made."""
        await credentials.revoke_made_by(unit, makers, reason=reason)

    async def count_holders(self, connection: Connection, role: str) -> int:
        """How many users have the role of this name."""
        return await users.count_holders(connection, role)

    @asynccontextmanager
    async def unit_of_work(self, caller: Caller, cause: Cause) -> AsyncIterator[UnitOfWork]:
        """A unit of work outside the usual dependency: it begins later, or before anybody has signed in."""
        async with self.database.transaction(caller.tenant_id) as connection:
            unit = UnitOfWork(connection, caller, cause)
            yield unit
        if unit.wrote:
            self.bell.ring()


def _gateway_of(request: Request) -> GatewayRuntime:
    runtime: Any = request.app.state.runtime
    return runtime  # type: ignore[no-any-return]


async def _gateway(request: Request) -> GatewayRuntime:
    return _gateway_of(request)


GatewayDep = Annotated[GatewayRuntime, Depends(_gateway)]


async def _standing_unit(request: Request, unit: UnitOfWorkDep) -> UnitOfWork:
    """A unit of work that counts what the caller may do now, not what the token says.

    People, teams, roles and credentials are what rights are made of. Whoever has lost his or hers must not win
    them back with a token from before, or leave something behind that outlasts it.
    """
    unit.caller = await standing_of(unit.connection, unit.caller)
    scope = request.scope["route"].openapi_extra[SCOPE]
    if not unit.caller.may(scope):
        raise Forbidden(scope=scope)
    return unit


StandingUnitDep = Annotated[UnitOfWork, Depends(_standing_unit)]
