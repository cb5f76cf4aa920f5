"""Use cases of signing in and staying in."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from crm_platform.context import Caller
from crm_platform.db import Connection
from gateway.passwords.service import find_hash
from gateway.runtime import GatewayRuntime
from gateway.sessions import service as sessions
from gateway.sessions.service import Exchanged, RefreshToken
from gateway.sign_in.errors import (
    CHALLENGE,
    RefreshRefused,
    SecondFactorFailed,
    SecondFactorRequired,
    SignInFailed,
)
from gateway.sign_in.schemas import SignIn, Tokens
from gateway.standing import caller_of
from gateway.tenants.service import find_tenant
from gateway.users import service as users
from gateway.users.service import User

_log = structlog.get_logger("crm.sign_in")


@dataclass(frozen=True, slots=True)
class _Account:
    """A user whose password was right."""

    user: User
    hash: str


async def sign_in(gateway: GatewayRuntime, body: SignIn, client: str | None) -> Tokens:
    """Begin a session.

    Raises:
        SignInFailed: Tenant, e-mail address or password is wrong, or the account is inactive.
        SecondFactorRequired: A code is wanted too.
        SecondFactorFailed: The code is wrong.
        AccountLocked: There were too many failed tries.
    """
    tenant = await find_tenant(gateway.database, body.tenant)
    if tenant is None:
        await gateway.passwords.verify(None, body.password.get_secret_value())
        raise SignInFailed(headers=CHALLENGE)
    async with gateway.passwords.lane(tenant.id, body.email):
        await gateway.passwords.take_try(gateway.database, tenant.id, body.email)
        account = await _check_password(gateway, tenant.id, body)
        await _check_second_factor(gateway, tenant.id, account.user, body)
        async with gateway.database.transaction(tenant.id) as connection:
            token = await sessions.open_session(
                connection, gateway.settings.identity, tenant_id=tenant.id, user_id=account.user.id, client=client
            )
            caller = await _still_welcome(connection, tenant.id, account)
            await gateway.passwords.clear_tries(connection, body.email)
            await gateway.passwords.refresh(connection, caller.id, account.hash, body.password.get_secret_value())
    _log.info("signed_in", tenant=str(tenant.id), user=str(caller.id), session=str(token.session_id))
    return await _tokens(gateway, caller, token)


async def refresh(gateway: GatewayRuntime, text: str) -> Tokens:
    """Go on with a session: a new access token with today's rights, and the next refresh token.

    Raises:
        RefreshRefused: The token is unknown, expired or was used before, or the user is no longer welcome.
    """
    token = RefreshToken.parse(text)
    if token is None:
        raise RefreshRefused(headers=CHALLENGE)
    async with gateway.database.transaction(token.tenant_id) as connection:
        outcome = await sessions.exchange(connection, gateway.settings.identity, token)
        caller = None
        if isinstance(outcome, Exchanged):
            user = await users.find_user(connection, outcome.user_id)
            if user is not None and user.active:
                caller = await caller_of(connection, token.tenant_id, user)
            else:
                await sessions.revoke_session(connection, token.session_id, "the user is inactive")
    # Only now that the end of a session is committed, too.
    if caller is None or not isinstance(outcome, Exchanged):
        raise RefreshRefused(headers=CHALLENGE)
    return await _tokens(gateway, caller, outcome.token)


async def sign_out(gateway: GatewayRuntime, text: str) -> None:
    """End the session that the refresh token belongs to; a token of no session is no error."""
    token = RefreshToken.parse(text)
    if token is not None:
        async with gateway.database.transaction(token.tenant_id) as connection:
            await sessions.sign_out(connection, token)


async def _check_password(gateway: GatewayRuntime, tenant_id: UUID, body: SignIn) -> _Account:
    async with gateway.database.read(tenant_id) as connection:
        user = await users.find_by_email(connection, body.email)
        known = await find_hash(connection, user.id) if user is not None and user.active else None
    right = await gateway.passwords.verify(known, body.password.get_secret_value())
    if user is None or known is None or not right:
        _log.info("sign_in_failed", tenant=str(tenant_id), user=str(user.id) if user else None)
        raise SignInFailed(headers=CHALLENGE)
    return _Account(user, known)


async def _still_welcome(connection: Connection, tenant_id: UUID, account: _Account) -> Caller:
    """The caller, unless the account was changed while the password was being checked.

    The new session's foreign key has waited for whoever was at it, and keeps others from it until we commit.
    """
    user = await users.find_user(connection, account.user.id)
    if user is None or not user.active or await find_hash(connection, user.id) != account.hash:
        raise SignInFailed(headers=CHALLENGE)
    return await caller_of(connection, tenant_id, user)


async def _check_second_factor(gateway: GatewayRuntime, tenant_id: UUID, user: User, body: SignIn) -> None:
    if not user.second_factor:
        return
    if body.code is None and body.recovery_code is None:
        await gateway.passwords.give_back_try(gateway.database, tenant_id, body.email)
        raise SecondFactorRequired(headers=CHALLENGE)
    async with gateway.database.transaction(tenant_id) as connection:
        right = await gateway.second_factors.check(
            connection, user.id, code=body.code, recovery_code=body.recovery_code
        )
    if not right:
        _log.info("second_factor_failed", tenant=str(tenant_id), user=str(user.id))
        raise SecondFactorFailed(headers=CHALLENGE)


async def _tokens(gateway: GatewayRuntime, caller: Caller, token: RefreshToken) -> Tokens:
    access = await gateway.issuer.issue(caller)
    return Tokens(
        access_token=access.text,
        token_type="Bearer",  # noqa: S106  (the name of a kind of token)
        expires_in=access.lifetime,
        refresh_token=token.text,
        session_id=token.session_id,
    )
