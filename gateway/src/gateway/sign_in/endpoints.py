"""Routes of signing in, and of one's own account."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.context import Caller
from crm_platform.errors import Unauthenticated
from crm_platform.http.context import context_of
from crm_platform.http.responses import JSON
from crm_platform.http.route import SIGNED_IN, public, reads, service_router, writes
from gateway.runtime import GatewayDep
from gateway.sign_in import account, service
from gateway.sign_in.schemas import (
    CodeProof,
    Me,
    PasswordChange,
    PasswordProof,
    RecoveryCodes,
    Refresh,
    SecondFactorSecret,
    SignIn,
    Tokens,
)

router = service_router("Sign-in", prefix="/api/v1")


async def _caller(request: Request) -> Caller:
    context = context_of(request)
    if context.caller is None:
        raise Unauthenticated(why=context.refusal)
    return context.caller


CallerDep = Annotated[Caller, Depends(_caller)]


@router.post("/auth/sign-in", response_model=Tokens, **public(401, 429))
async def sign_in(body: SignIn, request: Request, gateway: GatewayDep) -> Response:
    """Begin a session with e-mail address and password, and a code where a second factor is in use."""
    return _tokens(await service.sign_in(gateway, body, request.headers.get("user-agent")))


@router.post("/auth/refresh", response_model=Tokens, **public(401))
async def refresh_session(body: Refresh, gateway: GatewayDep) -> Response:
    """Exchange a refresh token for a new access token and the next refresh token."""
    return _tokens(await service.refresh(gateway, body.refresh_token.get_secret_value()))


@router.post("/auth/sign-out", status_code=204, **public())
async def sign_out(body: Refresh, gateway: GatewayDep) -> Response:
    """End the session of a refresh token; access tokens that are out live on for at most ten minutes."""
    await service.sign_out(gateway, body.refresh_token.get_secret_value())
    return Response(status_code=204)


@router.get("/auth/me", response_model=Me, **reads(SIGNED_IN))
async def show_me(caller: CallerDep, gateway: GatewayDep) -> Me:
    """Show who the caller is and what the caller may do."""
    return await account.show_me(gateway, caller)


@router.post("/auth/password", status_code=204, **writes(SIGNED_IN, secret=True))
async def change_password(body: PasswordChange, request: Request, caller: CallerDep, gateway: GatewayDep) -> Response:
    """Change one's own password; all one's sessions end."""
    cause = context_of(request).cause(caller)
    current, new = body.current_password.get_secret_value(), body.new_password.get_secret_value()
    await account.change_password(gateway, caller, cause, current, new)
    return Response(status_code=204)


@router.post("/auth/second-factor", response_model=SecondFactorSecret, **writes(SIGNED_IN, secret=True))
async def begin_second_factor(
    body: PasswordProof, request: Request, caller: CallerDep, gateway: GatewayDep
) -> SecondFactorSecret:
    """Make a secret for a phone; it counts once it is confirmed by a code."""
    await account.prove_password(gateway, caller, body.current_password.get_secret_value())
    async with gateway.unit_of_work(caller, context_of(request).cause(caller)) as unit:
        enrolment = await account.begin_second_factor(gateway, unit)
    return SecondFactorSecret(secret=enrolment.secret, uri=enrolment.uri)


@router.post("/auth/second-factor/confirm", response_model=RecoveryCodes, **writes(SIGNED_IN, secret=True))
async def confirm_second_factor(
    body: CodeProof, request: Request, caller: CallerDep, gateway: GatewayDep
) -> RecoveryCodes:
    """Take the phone into use; the answer shows the recovery codes for the only time."""
    async with gateway.unit_of_work(caller, context_of(request).cause(caller)) as unit:
        return RecoveryCodes(recovery_codes=await account.confirm_second_factor(gateway, unit, body.code))


@router.post("/auth/second-factor/remove", status_code=204, **writes(SIGNED_IN, secret=True))
async def remove_second_factor(
    body: PasswordProof, request: Request, caller: CallerDep, gateway: GatewayDep
) -> Response:
    """Sign in without a code from now on."""
    await account.prove_password(gateway, caller, body.current_password.get_secret_value())
    async with gateway.unit_of_work(caller, context_of(request).cause(caller)) as unit:
        await account.remove_second_factor(gateway, unit)
    return Response(status_code=204)


@router.post("/auth/recovery-codes", response_model=RecoveryCodes, **writes(SIGNED_IN, secret=True))
async def renew_recovery_codes(
    body: PasswordProof, request: Request, caller: CallerDep, gateway: GatewayDep
) -> RecoveryCodes:
    """Replace the recovery codes; the old ones work no more."""
    await account.prove_password(gateway, caller, body.current_password.get_secret_value())
    async with gateway.unit_of_work(caller, context_of(request).cause(caller)) as unit:
        return RecoveryCodes(recovery_codes=await account.renew_recovery_codes(gateway, unit))


def _tokens(tokens: Tokens) -> Response:
    return Response(tokens.model_dump_json(), headers={"cache-control": "no-store"}, media_type=JSON)
