"""Routes of schedules."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep
from crm_platform.http.responses import listed, shown
from crm_platform.http.route import reads, service_router
from crm_platform.operations.endpoints import accepted, begins
from project_svc.plan import service as plans
from project_svc.schedules import operations, service
from project_svc.schedules.schemas import ComparisonRead, Optimisation, OptimisedRead, ScheduleRead

router = service_router("Schedules")
OPERATIONS = "project-operations"


_CONFLICT: dict[int | str, dict[str, Any]] = {409: {"description": ""}}


@router.get(
    "/projects/{project_id}/schedule", response_model=ScheduleRead, responses=_CONFLICT, **reads("projects:read")
)
async def get_schedule(
    project_id: UUID,
    request: Request,
    reader: ReaderDep,
    levelled: Annotated[bool, Query(description="Delay tasks until those whom they need are free.")] = False,
) -> Response:
    """Compute the schedule of a project: early and late dates, floats, the critical path, what holds what, costs.

    Constraints that do not hold in a plan in progress are in `conflicts`. With `levelled` nothing is needed more than
    it is there, as far as this project's tasks go, and `waits` explains every delay. Equal plans have equal schedules.
    """
    return shown(request, await service.schedule_of(reader, project_id, level=levelled))


@router.post(
    "/projects/{project_id}/schedule/what-if",
    response_model=ComparisonRead,
    responses=_CONFLICT,
    **reads("projects:read"),
)
async def try_plan(project_id: UUID, body: plans.PlanEdit, reader: ReaderDep) -> Response:
    """Show what an edit of the plan would do to dates, cost and critical path; nothing of it is kept."""
    return listed(await service.what_if(reader, project_id, body))


@router.post("/projects/{project_id}/schedule/optimise", **begins("projects:write"))
async def optimise_schedule(project_id: UUID, body: Optimisation, unit: UnitOfWorkDep) -> Response:
    """Search for the shortest schedule with the resources that there are, as an operation.

    It ends with the optimum proven, or with a gap stated; its result stays at `/projects/{id}/optimised-schedule`.
    """
    return accepted(await operations.begin_optimisation(unit, project_id, body), OPERATIONS)


@router.get("/projects/{project_id}/optimised-schedule", response_model=OptimisedRead, **reads("projects:read"))
async def get_optimised_schedule(project_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show the schedule that the last optimisation of the project has found."""
    return shown(request, await service.optimised(reader, project_id))
