"""Queries of the surveys."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists, select

from crm_platform.db import Connection, Query
from service_desk_svc.surveys.models import surveys

_ASKED = Query(select(exists().where(surveys.c.delivery_id == bindparam("delivery_id", type_=Uuid))))


async def is_asked_about(connection: Connection, delivery_id: UUID) -> bool:
    """Whether the customer was asked about this delivery before."""
    asked: bool = await connection.fetchval(_ASKED.text, *_ASKED.args(delivery_id=delivery_id))
    return asked
