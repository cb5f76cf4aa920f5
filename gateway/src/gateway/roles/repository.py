"""Queries of the roles beyond load, insert and update."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Text, bindparam, select

from crm_platform.context import FieldRule
from crm_platform.db import Connection, Query
from gateway.roles.domain import Rights
from gateway.roles.models import roles

_rights = select(roles.c.name, roles.c.scopes, roles.c.visibility, roles.c.fields).where(
    roles.c.name == bindparam("names", type_=ARRAY(Text)).any_()
)
_RIGHTS = Query(_rights)
_RIGHTS_HELD = Query(_rights.order_by(roles.c.id).with_for_update(read=True, key_share=True))


async def rights(connection: Connection, names: Sequence[str], *, hold: bool) -> dict[str, Rights]:
    """What the tenant's own roles of these names allow; unknown ones are absent.

    With ``hold`` nobody removes one of them until the transaction ends.
    """
    query = _RIGHTS_HELD if hold else _RIGHTS
    rows = await connection.fetch(query.text, *query.args(names=list(names)))
    return {row[0]: Rights(frozenset(row[1]), row[2], _rules(row[3])) for row in rows}


def _rules(fields: list[dict[str, Any]]) -> tuple[FieldRule, ...]:
    return tuple(sorted(FieldRule(one["resource"], one["member"], one["level"]) for one in fields))
