from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from crm_contracts.sales.v1 import OpportunitySnapshot, OpportunityStage, OpportunityWon
from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService, deliver


def won(customer_id: str | None) -> OpportunityWon:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    values: dict[str, Any] = dict.fromkeys(OpportunitySnapshot.model_fields)
    values |= {"id": uuid4(), "version": 2, "name": "商机", "stage": OpportunityStage.WON, "external_refs": ()}
    values |= {"created_at": at, "created_by": "user:x", "updated_at": at, "updated_by": "user:x"}
    values["customer_id"] = UUID(customer_id) if customer_id else None
    return OpportunityWon(state=OpportunitySnapshot(**values))


@pytest.mark.parametrize(("before", "version"), [((), 2), (("activate",), 2), (("activate", "rest"), 4)])
async def test_whoever_buys_is_an_active_customer(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, before: tuple[str, ...], version: int
) -> None:
    path = (await client.post("/v1/customers", json={"name": "观心"})).headers["location"]
    for number, action in enumerate(before, 1):
        await client.post(f"{path}/{action}", json={}, headers={"if-match": f'"{number}"'})

    for _ in range(2):
        await deliver(service, won(path.rsplit("/", 1)[1]), tenant_id=agent.tenant_id)

    customer = (await client.get(path)).json()
    assert (customer["status"], customer["version"]) == ("active", version)


@pytest.mark.parametrize("customer_id", [None, "01a20000-0000-7000-8000-000000000000"])
async def test_a_sale_to_nobody_we_know_changes_nothing(
    service: RunningService, agent: Caller, customer_id: str | None
) -> None:
    await deliver(service, won(customer_id), tenant_id=agent.tenant_id)

    assert await service.sql("SELECT 1 FROM outbox") == []
