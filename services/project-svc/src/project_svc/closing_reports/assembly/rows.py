"""What closing reports read of the parts of a project."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from crm_platform.db import Connection

MOST: Final = 200
"""Members of a list in a report."""

_CHANGE = "SELECT number FROM change_requests WHERE id = change_request_id"
LISTS: Final = {
    "baselines": f"""
        SELECT number, name, starts_at, finishes_at, cost_amount, cost_currency, ({_CHANGE}) AS change
        FROM baselines WHERE project_id = $1 ORDER BY number""",
    "late": """
        SELECT planned.name, planned.finishes_at AS planned, task.actual_finish AS actual
        FROM baseline_tasks AS planned JOIN tasks AS task ON task.id = planned.task_id
        WHERE planned.baseline_id = (SELECT id FROM baselines WHERE project_id = $1 ORDER BY number DESC LIMIT 1)
          AND task.actual_finish > planned.finishes_at
        ORDER BY task.actual_finish - planned.finishes_at DESC, planned.task_id""",
    "deliveries": """
        SELECT name, status, due_on, submissions, accepted_at, on_time, (
          SELECT count(*)::int FROM jsonb_array_elements(open_points) AS point WHERE point ->> 'settled_at' IS NULL
        ) AS open_points FROM deliveries WHERE project_id = $1 ORDER BY due_on, id""",
    "gates": """
        SELECT name, kind, status, planned_on, jsonb_array_length(reviews) AS reviews,
          (reviews -> -1 ->> 'reviewed_at')::timestamptz AS reviewed_at
        FROM quality_gates WHERE project_id = $1 ORDER BY planned_on, id""",
    "changes": """
        SELECT number, title, category, status, (impact ->> 'finish_delta')::int AS finish_delta,
          (impact -> 'cost_delta' ->> 'amount')::numeric AS cost_delta_amount,
          impact -> 'cost_delta' ->> 'currency' AS cost_delta_currency
        FROM change_requests WHERE project_id = $1 ORDER BY number""",
    "risks": """
        SELECT title, category, level, status, struck FROM risks
        WHERE project_id = $1 ORDER BY struck DESC NULLS LAST, score DESC, id""",
    "issues": """
        SELECT title, kind, severity, status, resolution, resolved_at FROM issues
        WHERE project_id = $1 ORDER BY created_at, id""",
}
"""Statements by the members of the content that they fill."""

_PROGRESS: Final = """
SELECT count(*)::int AS total, count(actual_finish)::int AS finished, min(actual_start) AS began_at,
  max(actual_finish) AS ended_at
FROM tasks AS leaf WHERE project_id = $1 AND NOT EXISTS (
  SELECT FROM tasks AS child WHERE child.project_id = $1 AND child.parent_id = leaf.id
)
"""
_SPENT: Final = """
SELECT sum(amount_amount) AS amount, amount_currency AS currency FROM project_costs
WHERE project_id = $1 GROUP BY amount_currency ORDER BY amount_currency
"""
_PEOPLE: Final = """
SELECT DISTINCT ON (user_id) user_id, name FROM resources WHERE user_id = ANY($1) ORDER BY user_id, id
"""


async def list_of(connection: Connection, name: str, project_id: UUID) -> list[Any]:
    """The rows of one of :data:`LISTS`, one more than a report shows where there are more."""
    return list(await connection.fetch(f"{LISTS[name]} LIMIT {MOST + 1}", project_id))


async def progress_of(connection: Connection, project_id: UUID) -> Any:
    """How many tasks without children there are, and when work on them began and ended."""
    return await connection.fetchrow(_PROGRESS, project_id)


async def spent_on(connection: Connection, project_id: UUID) -> list[Any]:
    """The actual costs by currency."""
    return list(await connection.fetch(_SPENT, project_id))


async def names_of(connection: Connection, user_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the company calls those users whom it plans with; others are absent."""
    return {row["user_id"]: row["name"] for row in await connection.fetch(_PEOPLE, list(user_ids))}
