"""Which records a caller may see: decided here and nowhere else."""

from collections.abc import Callable
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, Table, Uuid, and_, bindparam, false, or_

from crm_platform.context import Caller, Visibility

Mine: TypeAlias = Callable[[FromClause], ColumnElement[bool]]
"""The condition on a table with owners: a record is the caller's, or of one of the caller's teams where that counts."""

SEEN_THROUGH = "seen_through"
"""In ``Table.info``: a function of the table (or a view of it) and of :data:`Mine` for others. It gives the condition
under which a record is seen because the caller has another one, as a contact is through a customer of the caller's."""


def visible(table: FromClause, visibility: Visibility, *, of: FromClause | None = None) -> ColumnElement[bool] | None:
    """The condition on ``table`` for a caller with ``visibility``; None where everything is visible.

    ``own`` are the records the caller owns, ``team`` also those of the caller's teams and all teams below. Records that
    nobody and no team owns are everybody's (the pool). Some are also seen through others, see :data:`SEEN_THROUGH`.

    Args:
        table: A table, or a view of one that has its id and its owners.
        visibility: Whose records the caller sees.
        of: The table, where ``table`` is a view.
    """
    if visibility == "all" or "owner_id" not in table.c:
        return None
    mine = _MINE.get(visibility)
    if mine is None:
        return false()
    pool = and_(table.c.owner_id.is_(None), table.c.team_id.is_(None))
    source = table if of is None else of
    through = source.info.get(SEEN_THROUGH) if isinstance(source, Table) else None
    return or_(mine(table), pool, *([] if through is None else [through(table, mine)]))


def _own(table: FromClause) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = table.c.owner_id == bindparam("caller_id", type_=Uuid)
    return condition


def _of_the_teams(table: FromClause) -> ColumnElement[bool]:
    return or_(_own(table), table.c.team_id == bindparam("caller_teams", type_=ARRAY(Uuid)).any_())


_MINE: dict[Visibility, Mine] = {"own": _own, "team": _of_the_teams}


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
