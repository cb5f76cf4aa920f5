"""Queries of the teams beyond load, insert and update."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Select, Text, Uuid, bindparam, func, literal, select

from crm_platform.db import Connection, Query
from gateway.teams.domain import MAX_DEPTH
from gateway.teams.models import teams

# Moves of teams are made one after the other in each tenant: two that cross could otherwise close a loop,
# neither seeing the other.
_LOCK_TREE = "SELECT pg_advisory_xact_lock(4201201, hashtext(current_setting('crm.tenant_id')))"


def _line_above() -> Select[tuple[UUID]]:
    line = (
        select(teams.c.id, teams.c.parent_id, literal(1).label("depth"))
        .where(teams.c.id == bindparam("id", type_=Uuid))
        .cte("line", recursive=True)
    )
    climb = select(teams.c.id, teams.c.parent_id, line.c.depth + 1).join(line, teams.c.id == line.c.parent_id)
    whole = line.union_all(climb.where(line.c.depth <= MAX_DEPTH))
    return select(whole.c.id).order_by(whole.c.depth)


def _closure() -> Select[tuple[UUID, int]]:
    """Teams that a person belongs to or manages, and all below; nearest first."""
    roots = select(teams.c.id, literal(0).label("depth")).where(
        (teams.c.id == bindparam("team_id", type_=Uuid)) | (teams.c.manager_id == bindparam("manager_id", type_=Uuid))
    )
    tree = roots.cte("tree", recursive=True)
    descend = select(teams.c.id, tree.c.depth + 1).join(tree, teams.c.parent_id == tree.c.id)
    whole = tree.union_all(descend.where(tree.c.depth < MAX_DEPTH))
    depth = func.min(whole.c.depth).label("depth")
    return select(whole.c.id, depth).group_by(whole.c.id).order_by(depth, whole.c.id)


def _height() -> Select[tuple[int]]:
    tree = (
        select(teams.c.id, literal(1).label("depth"))
        .where(teams.c.id == bindparam("id", type_=Uuid))
        .cte("tree", recursive=True)
    )
    descend = select(teams.c.id, tree.c.depth + 1).join(tree, teams.c.parent_id == tree.c.id)
    whole = tree.union_all(descend.where(tree.c.depth <= MAX_DEPTH))
    return select(func.coalesce(func.max(whole.c.depth), literal(1, Integer)))


_LINE_ABOVE = Query(_line_above())
_CLOSURE = Query(_closure())
_HEIGHT = Query(_height())
_places = (
    func.unnest(bindparam("parents", type_=ARRAY(Uuid)), bindparam("names", type_=ARRAY(Text)))
    .table_valued("parent_id", "name_key")
    .render_derived("places")
)
_FIND_PLACES = Query(
    select(teams.c.parent_id, teams.c.name_key, teams.c.id).join(
        _places,
        (teams.c.name_key == _places.c.name_key) & teams.c.parent_id.is_not_distinct_from(_places.c.parent_id),
    )
)

Place = tuple[UUID | None, str]
"""The team above, and the name as it is compared."""


async def lock_tree(connection: Connection) -> None:
    """Be the only one in this tenant who changes the hierarchy, until the transaction ends."""
    await connection.execute(_LOCK_TREE)


async def line_above(connection: Connection, id: UUID) -> list[UUID]:
    """The team itself and those above it, nearest first; empty where it does not exist."""
    return [row[0] for row in await connection.fetch(_LINE_ABOVE.text, *_LINE_ABOVE.args(id=id))]


async def height(connection: Connection, id: UUID) -> int:
    """Levels from this team to the lowest below it, itself included."""
    levels: int = await connection.fetchval(_HEIGHT.text, *_HEIGHT.args(id=id))
    return levels


async def closure(connection: Connection, *, team_id: UUID | None, manager_id: UUID | None) -> list[UUID]:
    """The team, those that the person manages, and all below; the team itself first."""
    rows = await connection.fetch(_CLOSURE.text, *_CLOSURE.args(team_id=team_id, manager_id=manager_id))
    found = [row[0] for row in rows]
    return sorted(found, key=lambda id: id != team_id)


async def find_places(connection: Connection, places: Sequence[Place]) -> dict[Place, UUID]:
    """The teams at these places; empty places are absent."""
    arguments = _FIND_PLACES.args(parents=[place[0] for place in places], names=[place[1] for place in places])
    return {(row[0], row[1]): row[2] for row in await connection.fetch(_FIND_PLACES.text, *arguments)}
