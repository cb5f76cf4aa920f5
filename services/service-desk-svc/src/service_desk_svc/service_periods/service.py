"""Use cases of after-sales periods."""

from datetime import date
from uuid import UUID

from crm_contracts.project.v1 import DeliverySnapshot
from crm_contracts.service_desk.v1 import ServicePeriodExtended, ServicePeriodOpened
from crm_platform.companies import zone_of
from crm_platform.days import day_of
from crm_platform.ids import new_id
from crm_platform.uow import ANY_VERSION, UnitOfWork
from service_desk_svc.merged_customers import service as merged_customers
from service_desk_svc.service_periods import repository
from service_desk_svc.service_periods.domain import MONTHS, ServicePeriod, months_later
from service_desk_svc.service_periods.models import SERVICE_PERIODS


async def serve_after(unit: UnitOfWork, delivery: DeliverySnapshot) -> None:
    """Open the period of the delivery's project, or move its end."""
    day = day_of(delivery.accepted_at or unit.now, await zone_of(unit.connection))
    await repository.lock_project(unit.connection, delivery.project_id)
    known = await repository.find_of_project(unit.connection, delivery.project_id)
    if known is not None:
        before = await unit.load(SERVICE_PERIODS, known, if_match=ANY_VERSION)
        await unit.update(SERVICE_PERIODS, before, before.covering(day), ServicePeriodExtended)
        return
    period = ServicePeriod(
        id=new_id(),
        customer_id=await merged_customers.current(unit.connection, delivery.customer_id),
        project_id=delivery.project_id,
        owner_id=delivery.owner_id,
        team_id=delivery.team_id,
        starts_on=day,
        ends_on=months_later(day, MONTHS),
    )
    await unit.insert(SERVICE_PERIODS, period, ServicePeriodOpened)


async def is_covered(unit: UnitOfWork, customer_id: UUID, day: date) -> bool:
    """Whether the customer has after-sales service on ``day``."""
    return await repository.covers(unit.connection, customer_id, day)
