"""Queries of the roles beyond load, insert and update."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, Text, bindparam, select

from crm_platform.db import Connection, Query
from gateway.roles.domain import Rights
from gateway.roles.models import roles

_RIGHTS = Query(
    select(roles.c.name, roles.c.scopes, roles.c.visibility).where(
        roles.c.name == bindparam("names", type_=ARRAY(Text)).any_()
    )
)


async def rights(connection: Connection, names: Sequence[str]) -> dict[str, Rights]:
    """What the tenant's own roles of these names allow; unknown ones are absent."""
    rows = await connection.fetch(_RIGHTS.text, *_RIGHTS.args(names=list(names)))
    return {row[0]: Rights(frozenset(row[1]), row[2]) for row in rows}
