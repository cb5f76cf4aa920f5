"""Queries of the tenants."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from crm_platform.db import Connection, Query
from gateway.tenants.models import tenants


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation whose data nobody else sees."""

    id: UUID
    slug: str
    name: str


_COLUMNS = (tenants.c.id, tenants.c.slug, tenants.c.name)
_FIND = Query(select(*_COLUMNS).where(tenants.c.id == bindparam("id", type_=Uuid)))
_FIND_BY_SLUG = Query(select(*_COLUMNS).where(tenants.c.slug == bindparam("slug", type_=Text)))
_ADD = Query(
    insert(tenants)
    .values(
        id=bindparam("id", type_=Uuid),
        slug=bindparam("slug", type_=Text),
        name=bindparam("name", type_=Text),
        created_at=bindparam("now", type_=DateTime(timezone=True)),
    )
    .on_conflict_do_nothing(index_elements=["slug"])
)


async def find(connection: Connection, id: UUID) -> Tenant | None:
    """The tenant of this id."""
    row = await connection.fetchrow(_FIND.text, *_FIND.args(id=id))
    return None if row is None else Tenant(*row)


async def find_by_slug(connection: Connection, slug: str) -> Tenant | None:
    """The tenant of this short name."""
    row = await connection.fetchrow(_FIND_BY_SLUG.text, *_FIND_BY_SLUG.args(slug=slug))
    return None if row is None else Tenant(*row)


async def add(connection: Connection, tenant: Tenant, now: datetime) -> None:
    """Enter a tenant, unless the slug is taken."""
    await connection.execute(_ADD.text, *_ADD.args(id=tenant.id, slug=tenant.slug, name=tenant.name, now=now))
