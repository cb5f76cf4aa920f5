"""Routes of the resources."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.resources import service
from project_svc.resources.models import RESOURCES
from project_svc.resources.schemas import ResourceCreate, ResourceRead, ResourceUpdate

router = service_router("Resources")


@router.get(
    "/resources",
    response_model=Page[ResourceRead],
    **reads("resources:read", lists=RESOURCES.resource),
)
async def list_resources(request: Request, reader: ReaderDep) -> Response:
    """List the resources."""
    return listed(await reader.page(RESOURCES.resource, page_params(request, RESOURCES.resource)))


@router.post("/resources", response_model=ResourceRead, **writes("resources:write", creates=True))
async def create_resource(body: ResourceCreate, unit: UnitOfWorkDep) -> Response:
    """Enter a person, a machine or a material that tasks need; publishes `resource.created`."""
    return created(await service.create_resource(unit, body), "/v1/resources")


@router.get("/resources/{resource_id}", response_model=ResourceRead, **reads("resources:read"))
async def get_resource(resource_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one resource."""
    return shown(request, await reader.get(RESOURCES.resource, resource_id))


@router.patch("/resources/{resource_id}", response_model=ResourceRead, **writes("resources:write", versioned=True))
async def update_resource(resource_id: UUID, body: ResourceUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change a resource (merge patch); publishes `resource.updated`."""
    return changed(await service.update_resource(unit, resource_id, body, if_match=if_match))
