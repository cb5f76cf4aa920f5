import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.sweeps import swept


async def owned(
    client: httpx.AsyncClient, service: RunningService, name: str, *, days: int, contact: int | None = None, **body: Any
) -> str:
    """A customer whose owner has had it for so many days, and last spoke with it so many days ago."""
    made = (await client.post("/v1/customers", json={"name": name, **body})).json()
    if contact is not None:
        happened = (utc_now() - timedelta(days=contact)).isoformat()
        call = {"customer_id": made["id"], "kind": "call", "subject": "回访", "happened_at": happened}
        assert (await client.post("/v1/communications", json=call)).status_code == 201
    since = utc_now() - timedelta(days=days)
    await service.sql("UPDATE customers SET owner_since = $1 WHERE name = $2", since, name)
    return str(made["id"])


async def in_pool(client: httpx.AsyncClient) -> set[str]:
    items = (await client.get("/v1/customers", params={"limit": 200})).json()["items"]
    return {item["name"] for item in items if item["owner_id"] is None and item["team_id"] is None}


@pytest.mark.parametrize("workers", [1, 2])
async def test_customers_whom_nobody_follows_up_return_by_themselves_once(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, start_worker: StartWorker, workers: int
) -> None:
    team = str(uuid4())
    await client.post("/v1/pool-rules", json={"return_after_days": 30})
    await client.post("/v1/pool-rules", json={"team_id": team, "return_after_days": 7})
    await owned(client, service, "forgotten", days=31)
    await owned(client, service, "forgotten long ago", days=90, contact=40)
    await owned(client, service, "just claimed", days=3)
    await owned(client, service, "called lately", days=90, contact=2)
    await owned(client, service, "of a quick team", days=8, team_id=team, owner_id=str(agent.id))
    bought = await owned(client, service, "bought something", days=90)
    await client.post(f"/v1/customers/{bought}/activate", json={}, headers={"if-match": '"1"'})

    await asyncio.gather(*(start_worker(service) for _ in range(workers)))
    await swept(service, "pool.returns")

    assert await in_pool(client) == {"forgotten", "forgotten long ago", "of a quick team"}
    returned = await service.sql("SELECT payload FROM outbox WHERE type = 'customer.returned'")
    assert len(returned) == 3
    entries = await service.sql(
        "SELECT actor, reason, count(*) FROM audit_entries WHERE action = 'customer.returned' GROUP BY 1, 2 ORDER BY 2"
    )
    assert [tuple(row) for row in entries] == [
        ("system:customer-svc", "no follow-up for 30 days", 2),
        ("system:customer-svc", "no follow-up for 7 days", 1),
    ]


async def test_without_a_rule_nobody_returns(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    await owned(client, service, "forgotten", days=3000)

    await start_worker(service)
    await swept(service, "pool.returns")

    assert await in_pool(client) == set()
    assert await service.sql("SELECT 1 FROM outbox WHERE type = 'customer.returned'") == []
