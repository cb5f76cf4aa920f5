"""Queries of the known teams."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.known_teams.models import known_members, known_teams


class KnownTeam(NamedTuple):
    """A team; its name is None as long as this service has not heard of it, and once it is gone."""

    id: UUID
    name: str | None


_TEAMS = Query(
    select(known_members.c.id, known_members.c.team_id, known_teams.c.name)
    .outerjoin(known_teams, known_teams.c.id == known_members.c.team_id)
    .where(
        known_members.c.id == bindparam("users", type_=ARRAY(Uuid)).any_(),
        known_members.c.team_id.is_not(None),
    )
)


async def teams_of(connection: Connection, user_ids: Collection[UUID]) -> dict[UUID, KnownTeam]:
    """The teams of users; those without one are absent."""
    rows = await connection.fetch(_TEAMS.text, *_TEAMS.args(users=sorted(user_ids)))
    return {row["id"]: KnownTeam(row["team_id"], row["name"]) for row in rows}
