"""Use cases of actual costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.execution.v1 import CostSource, ProjectCostCorrected, ProjectCostRecorded
from crm_contracts.inbound.v1 import ErpCostRecorded
from crm_platform.db import Connection
from crm_platform.ids import new_id
from crm_platform.uow import UnitOfWork
from project_svc.costs import repository
from project_svc.costs.domain import ProjectCost
from project_svc.costs.models import PROJECT_COSTS
from project_svc.projects import service as projects

__all__ = ["CostLine", "SpentOn", "record", "spent", "take_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """A cost as whoever knows of it tells it."""

    source: CostSource
    source_ref: str
    task_id: UUID | None
    incurred_on: date
    amount: Money
    minutes: int | None = None
    description: str | None = None


class SpentOn(NamedTuple):
    """What was spent on a task, or on a project as a whole, on a day."""

    task_id: UUID | None
    day: date
    amount: Decimal
    currency: str


async def record(unit: UnitOfWork, lines: Sequence[tuple[projects.Project, CostLine]]) -> None:
    """Put costs of projects on record; what they come from is written in the same transaction, once."""
    costs = [_cost(project, line) for project, line in lines]
    await unit.insert_many(PROJECT_COSTS, costs, ProjectCostRecorded)


async def take_in(unit: UnitOfWork, message: ErpCostRecorded) -> None:
    """Put a cost on record that the ERP system tells of, or correct it; an older or repeated message has no effect.

    Raises:
        UnknownProject: It names a project that is not there.
    """
    project = await projects.expect(unit, message.project_id)
    told = CostLine(
        source=CostSource.ERP,
        source_ref=message.cost_id,
        task_id=message.task_id,
        incurred_on=message.incurred_on,
        amount=message.amount,
        description=message.description,
    )
    id = await repository.find_by_ref(unit.connection, CostSource.ERP, message.cost_id)
    before = None if id is None else await unit.find(PROJECT_COSTS, id)
    if before is None:
        cost = _cost(project, told).with_(revision=message.revision)
        await unit.insert(PROJECT_COSTS, cost, ProjectCostRecorded)
    elif message.revision > before.revision:
        after = _cost(project, told).with_(id=before.id, version=before.version, revision=message.revision)
        await unit.update(PROJECT_COSTS, before, after, ProjectCostCorrected)


async def spent(connection: Connection, project_ids: Sequence[UUID]) -> dict[UUID, list[SpentOn]]:
    """All costs of projects, by day; a project without costs is absent."""
    found: dict[UUID, list[SpentOn]] = {}
    for project_id, *cost in await repository.spent(connection, project_ids):
        found.setdefault(project_id, []).append(SpentOn(*cost))
    return found


def _cost(project: projects.Project, line: CostLine) -> ProjectCost:
    """A cost, seen by whom its project is seen."""
    return ProjectCost(
        id=new_id(),
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        task_id=line.task_id,
        source=line.source,
        source_ref=line.source_ref,
        incurred_on=line.incurred_on,
        amount=line.amount,
        minutes=line.minutes,
        description=line.description,
    )
