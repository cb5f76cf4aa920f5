from typing import Any
from uuid import UUID

import httpx

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, done, submitted


async def rates(client: httpx.AsyncClient, **params: str) -> list[Any]:
    answer = await client.get("/v1/delivery-rates", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_on_time_and_first_time_right_by_customer_project_and_month(
    client: httpx.AsyncClient,
    service: RunningService,
    agent: Caller,
    customer_id: UUID,
    open_project: OpenProject,
) -> None:
    one, other = await open_project(), await open_project()
    right = await submitted(client, one)
    late = await submitted(client, one, due_on="2017-01-01")
    refused = await submitted(client, other)
    pointed = await submitted(client, other)
    await submitted(client, other)
    assert await rates(client) == []
    for delivery in (right, late):
        await done(client, f"deliveries/{delivery['id']}", "accept")
    await done(client, f"deliveries/{refused['id']}", "reject", "submit", "accept")
    points = [{"description": "x", "due_on": "2199-01-01"}]
    await act(client, f"deliveries/{pointed['id']}", "accept", 3, open_points=points)
    await act(client, f"deliveries/{pointed['id']}", "settle-point", 4, point_id=1)
    await service.sql("UPDATE deliveries SET accepted_at = '2025-12-31T23:59:59Z' WHERE id = $1", UUID(refused["id"]))

    whole = {"accepted": 4, "on_time": 3, "first_time_right": 2, "on_time_rate": 0.75, "first_time_right_rate": 0.5}
    assert await rates(client) == [{"key": "", **whole}]
    assert await rates(client, dimension="customer") == [{"key": str(customer_id), **whole}]
    by_project = {item["key"]: item for item in await rates(client, dimension="project")}
    assert by_project[one["id"]]["first_time_right_rate"] == 1.0
    assert by_project[other["id"]]["first_time_right_rate"] == 0.0
    [old, _] = await rates(client, dimension="month")
    assert (old["key"], old["accepted"]) == ("2025-12", 1)
    period = {"accepted_from": "2025-12-31", "accepted_until": "2025-12-31"}
    assert [item["accepted"] for item in await rates(client, **period)] == [1]
    assert await rates(client, accepted_until="2025-12-30") == []
    assert [item["accepted"] for item in await rates(client, project_id=one["id"])] == [2]
    async with service.as_(colleague(agent, visibility="own")) as blind:
        assert await rates(blind) == []
