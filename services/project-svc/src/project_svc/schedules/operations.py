"""Optimising a schedule, as an operation."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from crm_platform.errors import NotFound
from crm_platform.operations.begin import begin
from crm_platform.operations.kinds import Ahead, Done, More, Next, OperationKind, Step
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from project_svc.projects import service as projects
from project_svc.schedules import service
from project_svc.schedules.schemas import Optimisation

_WHOLE = 100


class Optimise(BaseModel):
    """Which project, and how much to search."""

    project_id: UUID
    effort: int


async def begin_optimisation(unit: UnitOfWork, project_id: UUID, body: Optimisation) -> Rendered:
    """Begin to search for a shorter schedule of a project.

    Raises:
        NotFound: There is no such project, or not for this caller.
        NothingToOptimise: No task needs a person or a machine.
        TooLargeToOptimise: There are too many tasks.
    """
    project = await projects.find(unit, project_id)
    if project is None:
        raise NotFound(what=projects.NOUN, id=project_id)
    await service.expect_optimisable(unit.connection, project)
    return await begin(unit, OPTIMISE, Optimise(project_id=project_id, effort=body.effort))


async def _prepare(ahead: Ahead[Optimise]) -> Any:
    """The search, in a process of its own; nothing in the first step, which shows that it has begun."""
    if ahead.cursor is None:
        return None
    async with (
        ahead.database.read(ahead.tenant_id) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        search = await service.search_in(connection, ahead.input.project_id)
    return search, await search.by(ahead.compute, ahead.input.effort, ahead.gauge.teller(_WHOLE))


async def _step(step: Step[Optimise]) -> Next:
    step.progress.total = _WHOLE
    if step.prepared is None:
        return More("search")
    step.progress.done = _WHOLE
    project = await projects.find(step.unit, step.input.project_id)
    if project is None:
        raise NotFound(what=projects.NOUN, id=step.input.project_id)
    search, found = step.prepared
    return Done(await service.keep_optimised(step.unit, step.id, search, found))


OPTIMISE = OperationKind(
    name="projects.optimise",
    title=Words("Search for the shortest schedule", "优化项目排程"),
    input=Optimise,
    step=_step,
    prepare=_prepare,
    unit="per cent",
)
