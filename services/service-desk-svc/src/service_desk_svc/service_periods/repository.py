"""Queries of the after-sales periods."""

from datetime import date
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, exists, select

from crm_platform.db import Connection, Query
from service_desk_svc.service_periods.models import service_periods

_OF_PROJECT = Query(
    select(service_periods.c.id).where(service_periods.c.project_id == bindparam("project_id", type_=Uuid))
)
_COVERED = Query(
    select(
        exists().where(
            service_periods.c.customer_id == bindparam("customer_id", type_=Uuid),
            service_periods.c.starts_on <= bindparam("day", type_=Date),
            service_periods.c.ends_on >= bindparam("day", type_=Date),
        )
    )
)


async def find_of_project(connection: Connection, project_id: UUID) -> UUID | None:
    """The period of a project."""
    found: UUID | None = await connection.fetchval(_OF_PROJECT.text, *_OF_PROJECT.args(project_id=project_id))
    return found


async def covers(connection: Connection, customer_id: UUID, day: date) -> bool:
    """Whether any period of the customer covers ``day``."""
    covered: bool = await connection.fetchval(_COVERED.text, *_COVERED.args(customer_id=customer_id, day=day))
    return covered


async def lock_project(connection: Connection, project_id: UUID) -> None:
    """Let one delivery of a project at a time open or extend its period."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('service_period.' || $1, 0))", str(project_id)
    )
