from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.testing.sweeps import swept
from crm_platform.testing.waiting import until
from project_svc.slices import SERVICE
from project_svc_tests.conftest import OpenProject
from project_svc_tests.outcomes.test_endpoints import plan


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    return await start_service(SERVICE)


async def test_reviews_that_are_due_are_told_once(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject, start_worker: StartWorker
) -> None:
    project, today = await open_project(), datetime.now(UTC).date()
    due = await plan(client, project, review_on=str(today - timedelta(days=1)))
    await plan(client, project, review_on=str(today + timedelta(days=2)))
    for _ in range(2):
        await start_worker(service)

    for _ in range(2):
        await swept(service, "outcomes.reviews_due")

    async def told() -> list[dict[str, Any]]:
        answer = await client.get("/v1/outcomes", params={"filter": "review_due"})
        return list(answer.json()["items"])

    assert [one["id"] for one in await until(told)] == [due["id"]]
    rows = await service.sql("SELECT aggregate_id FROM outbox WHERE type = 'outcome.review_due'")
    assert [row["aggregate_id"] for row in rows] == [UUID(due["id"])]
