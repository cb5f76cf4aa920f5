"""Tickets, surveys and service periods follow their customers into merges and back."""

from datetime import UTC, datetime
from uuid import UUID

import httpx

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.merges import told
from crm_platform.testing.plugin import RunningService, deliver
from service_desk_svc_tests.test_after_delivery import completed

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TABLES = ("tickets", "surveys", "service_periods")


async def _whose(service: RunningService) -> list[UUID]:
    return [(await service.sql(f"SELECT customer_id FROM {table}"))[0][0] for table in TABLES]


async def _open(client: httpx.AsyncClient, customer_id: UUID) -> UUID:
    body = {"customer_id": str(customer_id), "kind": "question", "subject": "怎么退货"}
    answer = await client.post("/v1/tickets", json=body)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["customer_id"])


async def test_everything_follows_and_goes_back(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    kept, merge_id = new_id(), new_id()
    event = completed(NOW)
    gone = event.state.customer_id
    await _open(client, gone)
    await deliver(service, event, tenant_id=agent.tenant_id)

    await deliver(service, told(merge_id, kept, gone), tenant_id=agent.tenant_id)
    assert await _whose(service) == [kept] * 3
    await deliver(service, told(merge_id, kept, gone, undone=True), tenant_id=agent.tenant_id)

    assert await _whose(service) == [gone] * 3
    types = [row["type"] for row in await service.sql("SELECT type FROM outbox ORDER BY id")]
    assert types[3:] == ["ticket.updated", "survey.moved", "service_period.moved"] * 2


async def test_an_old_id_means_who_stands_for_it(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    kept = new_id()
    late = completed(NOW)
    await deliver(service, told(new_id(), kept, late.state.customer_id), tenant_id=agent.tenant_id)

    assert await _open(client, late.state.customer_id) == kept
    await deliver(service, late, tenant_id=agent.tenant_id)

    assert await _whose(service) == [kept] * 3
