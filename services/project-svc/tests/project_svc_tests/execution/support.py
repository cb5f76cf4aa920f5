"""A small project that is being carried out."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from crm_platform.ids import new_id
from project_svc_tests.plan.support import Planner, work

MONDAY, FRIDAY = "2026-03-02", "2026-03-06"


@dataclass(slots=True)
class Site:
    """A project with tasks `dig` and `build`, one after the other, below the summary `works`.

    Attributes:
        planner: Its plan.
        tasks: Ids by key.
    """

    planner: Planner
    tasks: dict[str, str]

    @classmethod
    async def of(cls, planner: Planner) -> "Site":
        plan = [
            {"key": "works", "name": "工程"},
            {**work("dig", days=5), "parent": "works"},
            {**work("build", "dig", days=5), "parent": "works"},
        ]
        site = cls(planner, await planner.put(*plan))
        await site.baseline(("dig", MONDAY, FRIDAY, 4000), ("build", "2026-03-09", "2026-03-13", 1000))
        return site

    @property
    def api(self) -> httpx.AsyncClient:
        return self.planner.api

    @property
    def path(self) -> str:
        return f"/v1/projects/{self.planner.project_id}"

    async def baseline(self, *tasks: tuple[str, str, str, int], at: str = "2026-03-01", number: int = 1) -> None:
        """A baseline as it would have been set some day; those who set one now set it of now."""
        id, tenant = new_id(), self.planner.who.tenant_id
        connection = await asyncpg.connect(self.planner.service.admin_url)
        try:
            await connection.execute("SET search_path TO project_svc")
            await connection.execute(
                "INSERT INTO baselines (id, tenant_id, version, created_at, created_by, updated_at, updated_by, name,"
                " project_id, number, plan_revision, starts_at, finishes_at, work, cost_amount, cost_currency,"
                " task_count) VALUES ($1, $2, 1, $3::text::timestamptz, 'user:x', now(), 'user:x', '基准', $4, $5, 1,"
                " now(), now(), 0, 0, 'CNY', 2)",
                *(id, tenant, f"{at}T00:00:00Z", self.planner.project_id, number),
            )
            await connection.executemany(
                "INSERT INTO baseline_tasks (tenant_id, baseline_id, task_id, name, starts_at, finishes_at, work, cost,"
                " critical) VALUES ($1, $2, $3, $4, $5::text::timestamptz, $6::text::timestamptz, 2400, $7, true)",
                [
                    (tenant, id, UUID(self.tasks[key]), key, f"{first}T08:00:00Z", f"{last}T17:00:00Z", cost)
                    for key, first, last, cost in tasks
                ],
            )
        finally:
            await connection.close()

    async def report(self, task: str, percent: int, as_of: str, **fields: Any) -> httpx.Response:
        body = {"task_id": self.tasks[task], "percent_complete": percent, "as_of": f"{as_of}T17:00:00Z", **fields}
        return await self.api.post("/v1/progress-reports", json=body)

    async def value(self, as_of: str, **query: str) -> dict[str, Any]:
        """Earned value as of five in the afternoon."""
        answer = await self.api.get(f"{self.path}/earned-value", params={"as_of": f"{as_of}T17:00:00Z", **query})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def told(self, kind: str) -> list[tuple[str, int]]:
        """Types and versions of the events about one kind of aggregate, in order."""
        rows = await self.planner.service.sql(
            "SELECT type, version FROM outbox WHERE tenant_id = $1 AND aggregate_type = $2 ORDER BY id",
            *(self.planner.who.tenant_id, kind),
        )
        return [(row["type"], row["version"]) for row in rows]
