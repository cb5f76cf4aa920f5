"""Queries of the known contacts."""

from datetime import date
from uuid import UUID

import orjson
from sqlalchemy import Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.known_contacts.domain import KnownContact
from project_svc.known_contacts.models import known_contacts

_FIND = Query(
    select(known_contacts.c.name, known_contacts.c.status, known_contacts.c.customers).where(
        known_contacts.c.id == bindparam("id", type_=Uuid), known_contacts.c.name.is_not(None)
    )
)


async def find(connection: Connection, id: UUID) -> KnownContact | None:
    """The contact; None where there is no such contact (any more)."""
    row = await connection.fetchrow(_FIND.text, *_FIND.args(id=id))
    if row is None:
        return None
    ends = orjson.loads(row["customers"])
    customers = {UUID(customer): end and date.fromisoformat(end) for customer, end in ends.items()}
    return KnownContact(id, row["name"], row["status"], customers)
