"""Using the local copy of the customers."""

from uuid import UUID

from crm_platform.uow import UnitOfWork
from project_svc.known_customers import repository


async def name_of(unit: UnitOfWork, customer_id: UUID) -> str | None:
    """The customer's name; None where this service has not heard of such a customer, or it is gone."""
    return await repository.name_of(unit.connection, customer_id)


async def industry_of(unit: UnitOfWork, customer_id: UUID) -> str | None:
    """The customer's industry; None where nobody has said, or this service has not heard."""
    return await repository.industry_of(unit.connection, customer_id)
