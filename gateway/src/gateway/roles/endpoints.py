"""Routes of roles."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.context import context_of
from crm_platform.http.dependencies import IfMatch, ReaderDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import SIGNED_IN, reads, service_router, writes
from gateway.roles import service
from gateway.roles.domain import BUILT_IN
from gateway.roles.models import ROLES
from gateway.roles.schemas import BuiltInRoleRead, BuiltInRoles, RoleCreate, RoleRead, RoleUpdate, ScopeRead, Scopes
from gateway.runtime import GatewayDep, StandingUnitDep
from gateway.scopes import SCOPES

router = service_router("Roles", prefix="/api/v1")


@router.get("/scopes", response_model=Scopes, **reads(SIGNED_IN))
async def list_scopes(request: Request) -> Scopes:
    """List everything that a caller can be allowed to do."""
    index = 1 if context_of(request).language == "zh" else 0
    return Scopes(items=[ScopeRead(scope=scope, description=texts[index]) for scope, texts in SCOPES.items()])


@router.get("/roles", response_model=Page[RoleRead], **reads("roles:read", lists=ROLES.resource))
async def list_roles(request: Request, reader: ReaderDep) -> Response:
    """List the roles that this tenant has defined."""
    return listed(await reader.page(ROLES.resource, page_params(request, ROLES.resource)))


@router.get("/roles/built-in", response_model=BuiltInRoles, **reads("roles:read"))
async def list_built_in_roles(request: Request) -> BuiltInRoles:
    """List the roles that every tenant has."""
    chinese = context_of(request).language == "zh"
    items = [
        BuiltInRoleRead(
            name=role.name,
            title=role.title_zh if chinese else role.title,
            scopes=sorted(role.scopes),
            visibility=role.visibility,
        )
        for role in BUILT_IN.values()
    ]
    return BuiltInRoles(items=items)


@router.post("/roles", response_model=RoleRead, **writes("roles:write", creates=True))
async def create_role(body: RoleCreate, unit: StandingUnitDep) -> Response:
    """Define a role; publishes `role.created`."""
    return created(await service.create_role(unit, body), "/api/v1/roles")


@router.get("/roles/{role_id}", response_model=RoleRead, **reads("roles:read"))
async def get_role(role_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one of the tenant's roles."""
    return shown(request, await reader.get(ROLES.resource, role_id))


@router.patch("/roles/{role_id}", response_model=RoleRead, **writes("roles:write", versioned=True))
async def update_role(role_id: UUID, body: RoleUpdate, unit: StandingUnitDep, if_match: IfMatch) -> Response:
    """Change what a role allows (merge patch); publishes `role.updated`."""
    return changed(await service.update_role(unit, role_id, body, if_match=if_match))


@router.delete("/roles/{role_id}", status_code=204, **writes("roles:write", versioned=True))
async def delete_role(role_id: UUID, unit: StandingUnitDep, gateway: GatewayDep, if_match: IfMatch) -> Response:
    """Remove a role that nobody has; publishes `role.deleted`."""
    await service.delete_role(unit, role_id, gateway.count_holders, if_match=if_match)
    return Response(status_code=204)
