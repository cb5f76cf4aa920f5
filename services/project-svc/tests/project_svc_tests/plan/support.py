"""Shorthand for plans: edits, what they answer, and what they have told."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService

DAY = 480


def work(key: str, *after: str, days: int = 1, **members: Any) -> dict[str, Any]:
    """A task of some days that waits for the ends of others."""
    links = [{"task": one} for one in after]
    return {"key": key, "name": key, "duration": days * DAY, "predecessors": links, **members}


@dataclass(slots=True)
class Planner:
    """Edits the plan of one project, always on the revision that is there."""

    service: RunningService
    who: Caller
    api: httpx.AsyncClient
    project_id: UUID

    @property
    def path(self) -> str:
        return f"/v1/projects/{self.project_id}/plan"

    async def plan(self) -> dict[str, Any]:
        answer = await self.api.get(self.path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def try_(self, **edit: Any) -> httpx.Response:
        version = (await self.api.get(self.path)).headers["etag"]
        return await self.api.patch(self.path, json=edit, headers={"if-match": version})

    async def edit(self, **edit: Any) -> dict[str, Any]:
        answer = await self.try_(**edit)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def put(self, *tasks: dict[str, Any]) -> dict[str, str]:
        """Adds tasks; their ids by key."""
        return dict((await self.edit(tasks=tasks))["keys"])

    async def told(self) -> list[tuple[str, int]]:
        """Types and versions of the events about the plan and its tasks, in order."""
        rows = await self.service.sql(
            "SELECT type, version FROM outbox WHERE tenant_id = $1 AND aggregate_type IN ('plan', 'task') ORDER BY id",
            self.who.tenant_id,
        )
        return [(row["type"], row["version"]) for row in rows]
