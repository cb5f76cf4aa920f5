"""The reports' figures, and the same figures recomputed from the tables of the services that own the facts."""

from decimal import Decimal
from typing import Any

import asyncpg

from tests.chaos.client import Client

RECOMPUTED = {
    "deliveries": """
        SELECT count(*) FILTER (WHERE status IN ('planned', 'in_progress', 'rejected')) AS planned,
          count(*) FILTER (WHERE status = 'submitted') AS submitted,
          count(*) FILTER (WHERE status = 'accepted') AS accepted,
          count(*) FILTER (WHERE on_time) AS on_time,
          count(*) FILTER (WHERE status = 'accepted' AND submissions = 1) AS first_time_right,
          (SELECT count(*) FROM project_svc.risks WHERE status <> 'closed') AS risks_open,
          (SELECT count(*) FROM project_svc.risks WHERE status <> 'closed' AND exceeded) AS risks_exceeded
        FROM project_svc.deliveries""",
    "satisfaction": """
        SELECT count(*) AS surveys_sent,
          (SELECT count(*) FROM service_desk_svc.tickets WHERE status IN ('new', 'assigned')) AS tickets_open,
          (SELECT count(*) FROM service_desk_svc.tickets WHERE status IN ('resolved', 'closed')) AS tickets_resolved
        FROM service_desk_svc.surveys""",
}
_STAGES = """
SELECT stage, count(*), coalesce(sum(value_amount), 0) FROM sales_svc.opportunities GROUP BY stage ORDER BY stage
"""


async def read_figures(client: Client, connection: asyncpg.Connection) -> dict[str, tuple[object, object]]:
    """Each figure as it is shown, and as it should be."""
    figures: dict[str, tuple[object, object]] = {}
    for name, statement in RECOMPUTED.items():
        report = (await client.get(f"reports/{name}")).body
        row = await connection.fetchrow(statement)
        figures |= {f"{name}: {column}": (report.get(column), value) for column, value in row.items()}
    sales = (await client.get("reports/sales")).body
    rows = await connection.fetch(_STAGES)
    recomputed = {row[0]: (row[1], row[2]) for row in rows}
    figures["sales: deals and their value by stage"] = (_by_stage(sales.get("stages", [])), recomputed)
    return figures


def _by_stage(stages: list[dict[str, Any]]) -> dict[str, tuple[int, Decimal]]:
    found: dict[str, tuple[int, Decimal]] = {}
    for stage in stages:
        count, value = found.get(stage["stage"], (0, Decimal()))
        amount = Decimal(stage["value"]["amount"]) if stage["value"] else Decimal()
        found[stage["stage"]] = (count + stage["count"], value + amount)
    return found
