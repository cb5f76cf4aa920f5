"""A plan with everything that its dates follow from, read in one transaction."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from crm_platform.companies import zone_of
from crm_platform.db import Connection
from project_svc.plan import repository
from project_svc.plan.domain import CURRENCY, Plan, Task
from project_svc.plan.editing.edits import TaskEdit
from project_svc.plan.models import PLANS, TASKS
from project_svc.plan.network.build import Surroundings
from project_svc.projects import service as projects
from project_svc.resources import service as resources
from project_svc.work_calendars import service as calendars


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePlan:
    """A plan and its tasks; at version 0 nobody has edited it yet."""

    plan: Plan
    tasks: Mapping[UUID, Task]


async def whole_plan(connection: Connection, project: projects.Project) -> WholePlan:
    """The plan of a project, as this transaction sees it; states are made in a thread, since there can be many."""
    row = await repository.find_plan(connection, project.id)
    rows = await repository.find_tasks(connection, project.id)
    tasks = await asyncio.to_thread(_states, rows)
    return WholePlan(plan=unedited(project) if row is None else PLANS.spec.from_row(row), tasks=tasks)


def _states(rows: Sequence[Any]) -> dict[UUID, Task]:
    return {row["id"]: TASKS.spec.from_row(row) for row in rows}


def unedited(project: projects.Project) -> Plan:
    """The plan of a project that nobody has edited yet."""
    return Plan(
        id=project.id,
        owner_id=project.owner_id,
        team_id=project.team_id,
        currency=CURRENCY if project.budget is None else project.budget.currency,
    )


async def around(
    connection: Connection, starts_on: date, plan: Plan, tasks: Collection[Task], edits: Iterable[TaskEdit] = ()
) -> Surroundings:
    """What a plan and edits of it refer to; what does not exist is absent."""
    given = [edit.given for edit in edits]
    assigned = {one.resource_id for task in tasks for one in task.assignments}
    assigned |= {one.resource_id for edit in given for one in edit.get("assignments", ())}
    needed = await resources.find_many(connection, assigned)
    wanted = {plan.calendar_id, *(task.calendar_id for task in tasks), *(edit.get("calendar_id") for edit in given)}
    wanted |= {one.calendar_id for one in needed.values()}
    found = await calendars.find_many(connection, {id for id in wanted if id is not None})
    return Surroundings(
        starts_on=starts_on,
        zone=(await zone_of(connection)).key,
        calendars={id: one.rules() for id, one in found.items()},
        resources=needed,
    )
