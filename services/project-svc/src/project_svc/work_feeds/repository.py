"""What a feed may show, and the records that concern its owner."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.reads.visibility import VISIBLE_SQL
from project_svc.work_feeds.domain import Concern, Kind

_MOST_PROJECTS: Final = 50
_MOST_OF_A_KIND: Final = 1000

_STORE: Final = """
INSERT INTO project_calendar_feed_rights (feed_id, visibility, team_ids, kinds) VALUES ($1, $2, $3, $4)
"""
_RIGHTS: Final = "SELECT visibility, team_ids, kinds FROM project_calendar_feed_rights WHERE feed_id = $1"
_UNSETTLED: Final = "status NOT IN ('accepted', 'cancelled')"
_UNREVIEWED: Final = "status NOT IN ('reviewed', 'dropped')"
_UNPASSED: Final = "status NOT IN ('passed', 'waived')"
_REVIEWER: Final = "owner_id = $2 OR $2 = ANY (reviewer_ids)"
_SHOWN: Final = "concern.id, concern.name, concern.project_id, seen.name AS project"


def _due(kind: Kind, table: str, day: str, *, open_: str, own: str) -> str:
    """Records with a day of their own, of projects that are the owner's, or that concern the owner themselves.

    Only outcomes are looked back at when their project is over.
    """
    goes_on = "" if kind is Kind.OUTCOME else "AND seen.goes_on"
    return f"""
SELECT * FROM (
  SELECT '{kind.value}' AS kind, {_SHOWN}, '' AS description, concern.version, concern.updated_at, concern.on_day
  FROM (
    SELECT id, name, project_id, version, updated_at, {day} AS on_day, ({own}) AS own FROM {table}
    WHERE {VISIBLE_SQL} AND {day} IS NOT NULL AND {open_}
  ) AS concern JOIN seen ON seen.id = concern.project_id {goes_on}
  WHERE '{kind.value}' = ANY ($4::text[]) AND (seen.party OR coalesce(concern.own, false))
  ORDER BY concern.on_day, concern.id LIMIT {_MOST_OF_A_KIND}
) AS {kind.value}
"""


_CONCERNS: Final = f"""
WITH mine AS (
  SELECT DISTINCT needed.task_id, needed.project_id FROM resources AS resource
  JOIN task_assignments AS needed ON needed.resource_id = resource.id
  WHERE resource.user_id = $2 AND resource.active
), seen AS (
  SELECT id, name, due_on, coalesce($2 IN (owner_id, manager_id), false) OR $2 = ANY (member_ids) AS party,
    status NOT IN ('completed', 'closed') AS goes_on
  FROM projects WHERE {VISIBLE_SQL} AND status <> 'cancelled'
), planned AS (
  SELECT seen.* FROM seen WHERE seen.goes_on AND (seen.party OR seen.id IN (SELECT project_id FROM mine))
  ORDER BY seen.due_on, seen.id LIMIT {_MOST_PROJECTS}
)
SELECT * FROM (
  SELECT concern.kind, {_SHOWN}, coalesce(concern.description, '') AS description,
    plan.version, greatest(concern.updated_at, plan.updated_at) AS updated_at, NULL::date AS on_day
  FROM (
    SELECT id, name, project_id, kind, description, updated_at FROM tasks
    WHERE {VISIBLE_SQL} AND kind IN ('task', 'milestone') AND actual_finish IS NULL AND percent_complete < 100
  ) AS concern JOIN planned AS seen ON seen.id = concern.project_id JOIN plans AS plan ON plan.id = concern.project_id
  WHERE concern.kind = ANY ($4::text[])
    AND (concern.id IN (SELECT task_id FROM mine) OR (seen.party AND concern.kind = 'milestone'))
  ORDER BY seen.due_on, concern.id LIMIT {_MOST_OF_A_KIND}
) AS scheduled
UNION ALL {_due(Kind.DELIVERY, "deliveries", "due_on", open_=_UNSETTLED, own="owner_id = $2")}
UNION ALL {_due(Kind.OUTCOME, "outcomes", "review_on", open_=_UNREVIEWED, own="owner_id = $2")}
UNION ALL {_due(Kind.GATE, "quality_gates", "planned_on", open_=_UNPASSED, own=_REVIEWER)}
"""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a feed may show: whose records, and of which kinds."""

    visibility: str
    team_ids: list[UUID]
    kinds: list[str]


async def store_rights(connection: Connection, feed_id: UUID, caller: Caller, kinds: Iterable[Kind]) -> None:
    """Keep what the maker of a feed could see."""
    shown = [kind.value for kind in kinds]
    await connection.execute(_STORE, feed_id, caller.visibility, list(caller.team_ids), shown)


async def rights_of(connection: Connection, feed_id: UUID) -> Rights:
    """What a feed may show."""
    row = await connection.fetchrow(_RIGHTS, feed_id)
    return Rights(row["visibility"], list(row["team_ids"]), list(row["kinds"]))


async def concerns(connection: Connection, owner_id: UUID, rights: Rights) -> list[Concern]:
    """What is left to do for a person in projects that go on, as far as they may see it."""
    rows = await connection.fetch(_CONCERNS, rights.visibility, owner_id, rights.team_ids, rights.kinds)
    return [_concern(row) for row in rows]


def _concern(row: Any) -> Concern:
    return Concern(
        kind=Kind(row["kind"]),
        id=row["id"],
        project_id=row["project_id"],
        project=row["project"],
        name=row["name"],
        description=row["description"],
        sequence=row["version"],
        changed_at=row["updated_at"],
        on_day=row["on_day"],
    )
