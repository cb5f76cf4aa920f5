"""Routes of plans and their tasks."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.plan import service
from project_svc.plan.models import TASKS
from project_svc.plan.reading.document import plan_document
from project_svc.plan.schemas import PlanEdit, PlanEdited, PlanRead, TaskCreate, TaskRead, TaskUpdate

router = service_router("Plans")


@router.get("/projects/{project_id}/plan", response_model=PlanRead, **reads("projects:read"))
async def get_plan(project_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show the plan of a project with all of its tasks in their places; its ETag is the revision of the plan."""
    return shown(request, await plan_document(reader, project_id))


@router.patch("/projects/{project_id}/plan", response_model=PlanEdited, **writes("projects:write", versioned=True))
async def edit_plan(project_id: UUID, body: PlanEdit, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Edit a plan as a whole: add, change, link, assign, move and remove up to 10,000 tasks, or nothing at all.

    New tasks can have keys, by which parents, links and the order refer to them; `keys` tells their ids. Cycles and
    constraints that cannot hold are refused with the tasks that make them. A plan that nobody has edited yet is at
    version 0. Publishes `plan.changed` once, and `task.planned`, `task.updated` or `task.removed` for each task.
    """
    return changed(await service.edit_plan(unit, project_id, body, if_match=if_match))


@router.get("/tasks", response_model=Page[TaskRead], **reads("projects:read", lists=TASKS.resource))
async def list_tasks(request: Request, reader: ReaderDep) -> Response:
    """List the tasks of all projects that the caller may see."""
    return listed(await reader.page(TASKS.resource, page_params(request, TASKS.resource)))


@router.post("/tasks", response_model=TaskRead, **writes("projects:write", creates=True))
async def create_task(body: TaskCreate, unit: UnitOfWorkDep) -> Response:
    """Add a task to the plan of a project; publishes `task.planned` and `plan.changed`."""
    return created(await service.create_task(unit, body), "/v1/tasks")


@router.get("/tasks/{task_id}", response_model=TaskRead, **reads("projects:read"))
async def get_task(task_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one task."""
    return shown(request, await reader.get(TASKS.resource, task_id))


@router.patch("/tasks/{task_id}", response_model=TaskRead, **writes("projects:write", versioned=True))
async def update_task(task_id: UUID, body: TaskUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change a task (merge patch): its fields, links, assignments, parent or progress.

    Cycles and constraints that cannot hold are refused with the tasks that make them. Publishes `task.updated` and
    `plan.changed`.
    """
    return changed(await service.update_task(unit, task_id, body, if_match=if_match))
