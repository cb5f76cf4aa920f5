"""Routes of baselines."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.baselines import service
from project_svc.baselines.models import BASELINES
from project_svc.baselines.repository import OF_PROJECT
from project_svc.baselines.schemas import BaselineCreate, BaselineDetail, BaselineRead
from project_svc.projects import service as projects
from project_svc.schedules.service import ComparisonRead

router = service_router("Baselines")


@router.get(
    "/projects/{project_id}/baselines",
    response_model=Page[BaselineRead],
    **reads("projects:read", lists=BASELINES.resource),
)
async def list_baselines(project_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """List the baselines of a project, the newest first."""
    params = page_params(request, BASELINES.resource)
    await projects.check_visible(reader, project_id)
    return listed(await reader.page(BASELINES.resource, params, OF_PROJECT, project_id=project_id))


@router.post("/projects/{project_id}/baselines", response_model=BaselineRead, **writes("projects:write", creates=True))
async def set_baseline(project_id: UUID, body: BaselineCreate, unit: UnitOfWorkDep) -> Response:
    """Put the plan of a project as it is on record, dates and costs; publishes `baseline.set`.

    A draft is planned from then on, and publishes `project.planned`.
    """
    return created(await service.set_baseline(unit, project_id, body), "/v1/baselines")


@router.get("/baselines/{baseline_id}", response_model=BaselineDetail, **reads("projects:read"))
async def get_baseline(baseline_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one baseline with its tasks."""
    return shown(request, await service.show(reader, baseline_id))


@router.get("/baselines/{baseline_id}/comparison", response_model=ComparisonRead, **reads("projects:read"))
async def compare_baseline(
    baseline_id: UUID,
    reader: ReaderDep,
    other: Annotated[UUID | None, Query(alias="with", description="Another baseline of the project.")] = None,
) -> Response:
    """Compare a baseline with the plan as it is now, or with another one: dates, work, costs, critical path."""
    return listed(await service.compare(reader, baseline_id, other))
