"""Use cases of baselines, and what the other slices need of them."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import orjson

from crm_contracts.base import Money
from crm_contracts.plan.v1 import BaselineSet
from crm_contracts.project.v1 import ProjectStatus
from crm_platform.companies import zone_of
from crm_platform.days import begin_of, end_of
from crm_platform.db import Connection
from crm_platform.ids import new_id
from crm_platform.reads import Reader, Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.baselines import repository
from project_svc.baselines.domain import FIRST, Baseline, BaselineTask, Brought, says_the_same
from project_svc.baselines.errors import BaselineMissing, BaselineOfAnotherProject
from project_svc.baselines.models import BASELINES
from project_svc.baselines.schemas import BaselineCreate
from project_svc.plan import service as plans
from project_svc.projects import service as projects
from project_svc.schedules import service as schedules
from project_svc.scheduling import baselines as engine
from project_svc.scheduling.calendars.zones import datetime_of, moment_of

__all__ = [
    "PLACES",
    "Baseline",
    "BaselineTask",
    "Brought",
    "expect_baseline",
    "expect_of",
    "of_project",
    "set_baseline",
    "set_for_change",
    "take_over",
    "tasks_of",
]

PLACES = Decimal("0.0001")
"""Of the cost of a task."""


async def set_baseline(unit: UnitOfWork, project_id: UUID, body: BaselineCreate) -> Rendered:
    """Put the plan of a project on record; a draft is planned from then on.

    Raises:
        NotFound: There is no such project, or not for this caller.
        ProjectEnded: It is over.
        PlanOutOfCalendar: There is no working time for its plan.
    """
    return await _put_on_record(unit, project_id, body.name)


async def set_for_change(unit: UnitOfWork, project_id: UUID, name: str, *, change_request_id: UUID) -> Rendered:
    """Put the plan of a project on record as a change has made it; raises what :func:`set_baseline` does."""
    return await _put_on_record(unit, project_id, name, change_request_id)


async def _put_on_record(
    unit: UnitOfWork, project_id: UUID, name: str, change_request_id: UUID | None = None
) -> Rendered:
    project = await projects.load(unit, project_id, if_match=ANY_VERSION)
    project.expect_open()
    rendered = await _set(unit, project, name, change_request_id)
    await _planned(unit, project, name)
    return rendered


async def _planned(unit: UnitOfWork, project: projects.Project, reason: str) -> None:
    """A draft is planned once there is a baseline."""
    if project.status is ProjectStatus.DRAFT:
        planned = project.move("plan", at=unit.now, by=unit.caller.actor)
        await projects.record_move(unit, project, planned, "plan", reason=reason)


async def take_over(
    unit: UnitOfWork, project_id: UUID, brought: Sequence[Brought], *, edited: plans.PlanEdited, among: Collection[UUID]
) -> list[UUID]:
    """Put baselines on record that a file brings, the last one as the current one; the ids of those that are new.

    One that says of the tasks ``among`` what a baseline of the project says already is not put on record again. The
    plan is as it was ``edited``.
    """
    if not brought:
        return []
    project = await projects.load(unit, project_id, if_match=ANY_VERSION)
    currency = edited.currency or await plans.currency_of(unit.connection, project)
    known = [one.id for one in await of_project(unit.connection, project_id)]
    here = [await repository.find_tasks(unit.connection, id) for id in known]
    created = []
    for one in brought:
        if any(says_the_same(tasks, one.tasks, among) for tasks in here):
            continue
        origin = Origin(name=one.name, plan_revision=edited.version, external_id=one.external_id)
        rendered = await _insert(unit, project, one.tasks, currency, origin)
        created.append(rendered.id)
    if created:
        await _planned(unit, project, brought[-1].name)
    return created


async def of_project(connection: Connection, project_id: UUID) -> list[Baseline]:
    """The baselines of a project, the newest first; whoever asks has seen to visibility."""
    rows = await repository.find_of_project(connection, project_id)
    return [BASELINES.spec.from_row(row) for row in rows]


async def tasks_of(connection: Connection, id: UUID) -> list[BaselineTask]:
    """The tasks of a baseline; whoever asks has seen to visibility."""
    return await repository.find_tasks(connection, id)


async def expect_of(reader: Reader, project_id: UUID, id: UUID) -> None:
    """Refuse a baseline that is not one of a project.

    Raises:
        NotFound: There is no such baseline, or not for this caller.
        BaselineOfAnotherProject: It is one of another project.
    """
    rendered = await reader.get(BASELINES.resource, id, fields=("id", "project_id"))
    if UUID(orjson.loads(rendered.body)["project_id"]) != project_id:
        raise BaselineOfAnotherProject(baseline_id=id)


async def expect_baseline(unit: UnitOfWork, project: projects.Project, *, sets: bool) -> None:
    """See to it that a project, which the caller has locked, has a baseline before it starts.

    Of a project without tasks its dates and its budget are approved, and so are its first baseline. ``sets`` says
    that what is approved is the plan as it stands.

    Raises:
        BaselineMissing: It has tasks, and nobody has put them on record.
    """
    if await repository.last_number(unit.connection, project.id):
        return
    whole = await plans.whole_plan(unit.connection, project)
    if whole.tasks and not sets:
        raise BaselineMissing(count=len(whole.tasks))
    await _set(unit, project, FIRST.into(unit.caller.language))


async def show(reader: Reader, id: UUID) -> Rendered:
    """A baseline with its tasks.

    Raises:
        NotFound: There is no such baseline, or not for this caller.
    """
    rendered = await reader.get(BASELINES.resource, id)
    async with reader.open() as connection:
        baseline = BASELINES.spec.from_row(await repository.find_row(connection, id))
        tasks = await repository.find_tasks(connection, id)
    shown = orjson.dumps([_shown(task, baseline.cost.currency) for task in tasks])
    return Rendered(id, b'%b,"tasks":%b}' % (rendered.body[:-1], shown), rendered.version)


async def compare(reader: Reader, id: UUID, other: UUID | None) -> bytes:
    """What has become of a baseline: in another one, or in the plan as it is now.

    Raises:
        NotFound: There is no such baseline, or not for this caller.
        BaselineOfAnotherProject: The other one is.
    """
    await reader.get(BASELINES.resource, id, fields=("id",))
    if other is not None:
        await reader.get(BASELINES.resource, other, fields=("id",))
    async with reader.open() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        before = BASELINES.spec.from_row(await repository.find_row(connection, id))
        earlier = _side(before, await repository.find_tasks(connection, id))
        project = await projects.state_of(connection, before.project_id)
        reckoning = await schedules.reckoning_in(connection, project)
        later = schedules.side_of(reckoning)
        if other is not None:
            after = BASELINES.spec.from_row(await repository.find_row(connection, other))
            if after.project_id != before.project_id:
                raise BaselineOfAnotherProject(baseline_id=other)
            later = _side(after, await repository.find_tasks(connection, other))
    calendar = reckoning.around.rules(reckoning.plan.calendar_id)
    return orjson.dumps(await asyncio.to_thread(schedules.comparison, earlier, later, calendar))


async def _set(
    unit: UnitOfWork, project: projects.Project, name: str, change_request_id: UUID | None = None
) -> Rendered:
    reckoning = await schedules.reckoning_in(unit.connection, project)
    kept = reckoning.baseline
    critical = {UUID(id) for id in kept.critical_path}
    tasks = [_kept(reckoning.tasks[UUID(id)], planned, critical) for id, planned in kept.tasks.items()]
    origin = Origin(name=name, plan_revision=reckoning.plan.version, change_request_id=change_request_id)
    return await _insert(unit, project, tasks, reckoning.plan.currency, origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a baseline comes from."""

    name: str
    plan_revision: int
    change_request_id: UUID | None = None
    external_id: str | None = None


async def _insert(
    unit: UnitOfWork, project: projects.Project, tasks: Sequence[BaselineTask], currency: str, origin: Origin
) -> Rendered:
    zone = await zone_of(unit.connection)
    cost = Money(amount=sum((task.cost for task in tasks), Decimal(0)), currency=currency)
    baseline = Baseline(
        id=new_id(),
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        number=await repository.last_number(unit.connection, project.id) + 1,
        name=origin.name,
        plan_revision=origin.plan_revision,
        starts_at=min((task.starts_at for task in tasks), default=begin_of(project.starts_on, zone)),
        finishes_at=max((task.finishes_at for task in tasks), default=end_of(project.due_on, zone)),
        work=sum(task.work for task in tasks),
        cost=cost if tasks or project.budget is None else project.budget,
        task_count=len(tasks),
        change_request_id=origin.change_request_id,
        external_id=origin.external_id,
    )
    rendered = await unit.insert(BASELINES, baseline, BaselineSet)
    await repository.keep_tasks(unit.connection, baseline.id, tasks)
    return rendered


def _kept(task: plans.Task, planned: engine.Planned, critical: set[UUID]) -> BaselineTask:
    return BaselineTask(
        task_id=task.id,
        name=task.name,
        starts_at=datetime_of(planned.start),
        finishes_at=datetime_of(planned.finish),
        work=planned.work,
        cost=planned.cost.quantize(PLACES),
        critical=task.id in critical,
        fixed_cost=Decimal(0) if task.fixed_cost is None else task.fixed_cost.amount,
        effort=task.effort,
    )


def _side(baseline: Baseline, tasks: list[BaselineTask]) -> schedules.Compared:
    planned = {
        str(task.task_id): engine.Planned(moment_of(task.starts_at), moment_of(task.finishes_at), task.work, task.cost)
        for task in tasks
    }
    path = tuple(str(task.task_id) for task in tasks if task.critical)
    finish = moment_of(baseline.finishes_at)
    return schedules.Compared(
        baseline=engine.Baseline(finish=finish, tasks=planned, critical_path=path),
        names={str(task.task_id): task.name for task in tasks},
        currency=baseline.cost.currency,
        starts=moment_of(baseline.starts_at),
        finishes=finish,
    )


def _shown(task: BaselineTask, currency: str) -> dict[str, object]:
    fixed = None if task.fixed_cost is None else schedules.money(task.fixed_cost, currency)
    return {
        **task._asdict(),
        "task_id": str(task.task_id),
        "cost": schedules.money(task.cost, currency),
        "fixed_cost": fixed,
    }
