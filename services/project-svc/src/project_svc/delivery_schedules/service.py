"""Use cases of schedules of deliveries."""

from datetime import date
from uuid import UUID

from crm_contracts.delivery.v1 import (
    DeliveryScheduleAdvanced,
    DeliveryScheduleCreated,
    DeliveryScheduleEnded,
    DeliveryScheduleStatus,
)
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.deliveries import service as deliveries
from project_svc.delivery_schedules import repository
from project_svc.delivery_schedules.domain import DeliverySchedule
from project_svc.delivery_schedules.errors import EndlessSchedule, ScheduleEndsBeforeItBegins
from project_svc.delivery_schedules.models import DELIVERY_SCHEDULES
from project_svc.delivery_schedules.schemas import DeliveryScheduleCreate
from project_svc.projects import service as projects

__all__ = [
    "AT_ONCE",
    "DeliverySchedule",
    "DeliveryScheduleCreate",
    "count_active",
    "create_schedule",
    "end_all",
    "end_schedule",
    "of_project",
    "plan_due",
]

of_project = repository.of_project

AT_ONCE = 50
"""Deliveries that are planned in one transaction."""

PROJECT_OVER = "the project is over"


async def create_schedule(unit: UnitOfWork, body: DeliveryScheduleCreate) -> Rendered:
    """Let deliveries of a project recur.

    Raises:
        EndlessSchedule: It has no end, or two.
        ScheduleEndsBeforeItBegins: Its last day is before the first.
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is over.
    """
    if (body.count is None) == (body.until is None):
        raise EndlessSchedule
    if body.until is not None and body.until < body.first_due_on:
        raise ScheduleEndsBeforeItBegins(until=body.until, first_due_on=body.first_due_on)
    project = await projects.expect_open(unit, body.project_id)
    schedule = DeliverySchedule(id=new_id(), owner_id=project.owner_id, team_id=project.team_id, **dict(body))
    return await unit.insert(DELIVERY_SCHEDULES, schedule.started(), DeliveryScheduleCreated)


async def end_schedule(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Plan no more by a schedule; what is planned stays.

    Raises:
        InvalidTransition: It has ended already.
    """
    before = await unit.load(DELIVERY_SCHEDULES, id, if_match=if_match)
    return await unit.update(DELIVERY_SCHEDULES, before, before.ended(), DeliveryScheduleEnded, reason=reason)


async def end_all(unit: UnitOfWork, project_id: UUID, *, reason: str | None) -> None:
    """Plan no more for a project that is given up, which the caller has locked."""
    found = await unit.find_many(DELIVERY_SCHEDULES, await repository.active_of(unit.connection, project_id))
    changes = [(one, one.ended()) for one in found.values() if one.status is DeliveryScheduleStatus.ACTIVE]
    await unit.update_many(DELIVERY_SCHEDULES, changes, DeliveryScheduleEnded, reason=reason)


async def count_active(unit: UnitOfWork, project_id: UUID) -> int:
    """How many schedules of a project have deliveries to come."""
    return await repository.count_active(unit.connection, project_id)


async def plan_due(unit: UnitOfWork, *, today: date, after: UUID) -> tuple[int, UUID | None]:
    """Plan what the next schedule behind ``after`` has to plan today.

    Returns how many deliveries, and the id behind which to go on: the same one where it has more to plan, None where
    no schedule has. The schedule's lock and version make that each delivery is planned once, whoever else looks.
    """
    found = await repository.next_due(unit.connection, today, after=after)
    if found is None:
        return 0, None
    planned, has_more = await _plan(unit, *found, today)
    return planned, after if has_more else found[0]


async def _plan(unit: UnitOfWork, id: UUID, project_id: UUID, today: date) -> tuple[int, bool]:
    project = await projects.find(unit, project_id)
    before = await unit.load(DELIVERY_SCHEDULES, id, if_match=ANY_VERSION)
    if project is None or project.status in projects.ENDED:
        if before.status is DeliveryScheduleStatus.ACTIVE:
            await unit.update(DELIVERY_SCHEDULES, before, before.ended(), DeliveryScheduleEnded, reason=PROJECT_OVER)
        return 0, False
    coming = before.coming(today, limit=AT_ONCE) if before.status is DeliveryScheduleStatus.ACTIVE else []
    if not coming:
        return 0, False
    agreed = [(project, _deliverable(before, number, due_on)) for number, due_on in coming]
    await deliveries.plan_deliveries(unit, agreed)
    after = before.advanced(len(coming))
    event = DeliveryScheduleAdvanced if after.status is DeliveryScheduleStatus.ACTIVE else DeliveryScheduleEnded
    await unit.update(DELIVERY_SCHEDULES, before, after, event)
    return len(coming), len(coming) == AT_ONCE


def _deliverable(schedule: DeliverySchedule, number: int, due_on: date) -> deliveries.Deliverable:
    return deliveries.Deliverable(
        name=f"{schedule.name} {number}",
        acceptance_criteria=schedule.acceptance_criteria,
        due_on=due_on,
        schedule_id=schedule.id,
        occurrence=number,
    )
