"""Routes of users."""

from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.batch import BatchRequest, BatchResponse, run_batch
from crm_platform.http.dependencies import IfMatch, ReaderDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from gateway.runtime import GatewayDep, StandingUnitDep
from gateway.users import service
from gateway.users.models import USERS
from gateway.users.schemas import PasswordSet, UserCreate, UserEntry, UserRead, UserUpdate

router = service_router("Users", prefix="/api/v1")


@router.get("/users", response_model=Page[UserRead], **reads("users:read", lists=USERS.resource))
async def list_users(request: Request, reader: ReaderDep) -> Response:
    """List the people who have an account."""
    return listed(await reader.page(USERS.resource, page_params(request, USERS.resource)))


@router.post("/users", response_model=UserRead, **writes("users:write", creates=True, secret=True))
async def create_user(body: UserCreate, unit: StandingUnitDep, gateway: GatewayDep) -> Response:
    """Give a person an account; publishes `user.created`."""
    return created(await service.create_user(unit, gateway.passwords, body), "/api/v1/users")


@router.post("/users/batch", response_model=BatchResponse, **writes("users:write"))
async def write_users(body: BatchRequest[UserEntry], unit: StandingUnitDep) -> Response:
    """Create or, by e-mail address, bring up to date up to 1,000 users; each item gets a result of its own."""
    many = partial(service.write_users, mode=body.mode)
    one = partial(service.write_user, mode=body.mode)
    return await run_batch(unit, body.items, many=many, one=one)


@router.get("/users/{user_id}", response_model=UserRead, **reads("users:read"))
async def get_user(user_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one user."""
    return shown(request, await reader.get(USERS.resource, user_id))


@router.patch("/users/{user_id}", response_model=UserRead, **writes("users:write", versioned=True))
async def update_user(user_id: UUID, body: UserUpdate, unit: StandingUnitDep, if_match: IfMatch) -> Response:
    """Change fields of a user (merge patch); publishes `user.updated`."""
    return changed(await service.update_user(unit, user_id, body, if_match=if_match))


@router.post("/users/{user_id}/activate", response_model=UserRead, **writes("users:write", versioned=True))
async def activate_user(user_id: UUID, unit: StandingUnitDep, if_match: IfMatch) -> Response:
    """Let a user sign in again; publishes `user.updated`."""
    return changed(await service.activate_user(unit, user_id, if_match=if_match))


@router.post("/users/{user_id}/deactivate", response_model=UserRead, **writes("users:write", versioned=True))
async def deactivate_user(user_id: UUID, unit: StandingUnitDep, gateway: GatewayDep, if_match: IfMatch) -> Response:
    """Let a user in no more.

    Sessions end at once, API keys and OAuth2 clients that the user has made within 30 s and for good, access tokens
    that are out within ten minutes; those hand on no rights from now on.
    """
    return changed(await service.deactivate_user(unit, user_id, gateway.withdraw_credentials, if_match=if_match))


@router.post("/users/{user_id}/password", response_model=UserRead, **writes("users:write", versioned=True, secret=True))
async def set_user_password(
    user_id: UUID, body: PasswordSet, unit: StandingUnitDep, gateway: GatewayDep, if_match: IfMatch
) -> Response:
    """Give a user a new password; unlocks the account and ends all sessions."""
    password = body.password.get_secret_value()
    return changed(await service.set_password(unit, gateway.passwords, user_id, password, if_match=if_match))


@router.post("/users/{user_id}/reset-second-factor", response_model=UserRead, **writes("users:write", versioned=True))
async def reset_second_factor(user_id: UUID, unit: StandingUnitDep, gateway: GatewayDep, if_match: IfMatch) -> Response:
    """Remove the second factor of a user who has lost the phone."""
    return changed(await service.reset_second_factor(unit, gateway.second_factors, user_id, if_match=if_match))


@router.post("/users/{user_id}/sign-out", status_code=204, **writes("users:write"))
async def sign_out_user(user_id: UUID, unit: StandingUnitDep) -> Response:
    """End all sessions of a user."""
    await service.sign_out_user(unit, user_id)
    return Response(status_code=204)
