"""Routes of actual costs; they come about elsewhere."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import listed, shown
from crm_platform.http.route import reads, service_router
from project_svc.costs.models import PROJECT_COSTS
from project_svc.costs.schemas import ProjectCostRead

router = service_router("Execution")


@router.get(
    "/project-costs",
    response_model=Page[ProjectCostRead],
    **reads("projects:read", lists=PROJECT_COSTS.resource),
)
async def list_project_costs(request: Request, reader: ReaderDep) -> Response:
    """List the actual costs that the caller may see; filter by `project_id` or `task_id` for one's.

    They come from approved timesheets (by the rates of the day), approved expenses, and the ERP system.
    """
    return listed(await reader.page(PROJECT_COSTS.resource, page_params(request, PROJECT_COSTS.resource)))


@router.get("/project-costs/{cost_id}", response_model=ProjectCostRead, **reads("projects:read"))
async def get_project_cost(cost_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one actual cost."""
    return shown(request, await reader.get(PROJECT_COSTS.resource, cost_id))
