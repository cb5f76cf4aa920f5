"""Which records a caller may see: decided here and nowhere else."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, Uuid, and_, bindparam, false, or_

from crm_platform.context import Caller, Visibility


def visible(table: FromClause, visibility: Visibility) -> ColumnElement[bool] | None:
    """The condition on ``table`` (or a view of it) for a caller with ``visibility``; None where everything is visible.

    ``own`` are the records the caller owns, ``team`` also those of the caller's teams and all teams
    below. Records that nobody and no team owns are everybody's (the pool).
    """
    if visibility == "all" or "owner_id" not in table.c:
        return None
    owner, team = table.c.owner_id, table.c.team_id
    mine = or_(owner == bindparam("caller_id", type_=Uuid), and_(owner.is_(None), team.is_(None)))
    if visibility == "own":
        return mine
    if visibility == "team":
        return or_(mine, team == bindparam("caller_teams", type_=ARRAY(Uuid)).any_())
    return false()


def visibility_args(table: FromClause, caller: Caller) -> dict[str, Any]:
    """Parameters of the condition that :func:`visible` makes for this caller."""
    if caller.visibility == "all" or "owner_id" not in table.c:
        return {}
    if caller.visibility == "own":
        return {"caller_id": caller.id}
    return {"caller_id": caller.id, "caller_teams": list(caller.team_ids)}


VISIBLE_SQL = """(
  $1 = 'all' OR (owner_id IS NULL AND team_id IS NULL) OR owner_id = $2 OR ($1 = 'team' AND team_id = ANY ($3))
)"""
"""The same condition for figures in hand-written SQL, on any table with owner and team; see :func:`sql_args`."""


def sql_args(caller: Caller) -> tuple[str, UUID, list[UUID]]:
    """The first three parameters of a statement with :data:`VISIBLE_SQL`."""
    return caller.visibility, caller.id, list(caller.team_ids)
