"""Contracts on the timeline of their customer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from crm_contracts.base import Money
from crm_contracts.sales.v1 import (
    ContractApproved,
    ContractCreated,
    ContractReturned,
    ContractSigned,
    ContractSnapshot,
    ContractStatus,
    ContractTerminated,
    ContractUpdated,
)
from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService, deliver

NOON = datetime(2025, 3, 2, 12, tzinfo=UTC)


def drafted(customer_id: str) -> ContractSnapshot:
    values: dict[str, Any] = dict.fromkeys(ContractSnapshot.model_fields)
    values |= {"id": uuid4(), "version": 1, "created_at": NOON, "created_by": "user:1", "updated_at": NOON}
    values |= {"updated_by": "user:1", "number": "CT-2025-000007", "title": "采购合同", "customer_id": customer_id}
    values |= {"status": ContractStatus.DRAFT, "drafted_by": "user:1", "external_refs": ()}
    return ContractSnapshot(**values | {"value": Money(amount="288000", currency="CNY")})


async def test_the_life_of_a_contract_is_told_once_to_whoever_may_read_contracts(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    customer = (await client.post("/v1/customers", json={"name": "惠山轴承"})).json()["id"]
    draft = drafted(customer)

    def later(version: int, status: ContractStatus, **fields: Any) -> ContractSnapshot:
        moved = {"version": version, "status": status, "updated_at": NOON + timedelta(hours=version)}
        return draft.model_copy(update=moved | {"updated_by": f"user:{version}"} | fields)

    approved, signed = ContractStatus.APPROVED, ContractStatus.SIGNED
    day = {"signed_on": date(2025, 3, 2), "valid_until": date(2026, 3, 1)}
    end = {"ended_on": date(2025, 6, 30), "end_reason": "产线搬迁"}
    for event in (
        ContractCreated(state=draft),
        ContractUpdated(state=later(2, ContractStatus.DRAFT)),
        ContractApproved(state=later(3, approved)),
        ContractReturned(state=later(4, ContractStatus.DRAFT)),
        ContractSigned(state=later(5, signed, **day)),
        ContractTerminated(state=later(6, ContractStatus.TERMINATED, **day, **end)),
    ):
        for _ in range(2):
            await deliver(service, event, tenant_id=agent.tenant_id)

    path = f"/v1/customers/{customer}/timeline"
    items = (await client.get(path, params={"filter": "kind == 'contract'"})).json()["items"]
    async with service.as_(colleague(agent, "customers:read", "orders:read")) as other:
        unseen = (await other.get(path)).json()["items"]

    told = [(item["type"], item["actor"], item["title"]) for item in items]
    assert told == [
        ("contract.terminated", "user:6", "CT-2025-000007 采购合同"),
        ("contract.signed", "user:5", "CT-2025-000007 采购合同"),
        ("contract.approved", "user:3", "CT-2025-000007 采购合同"),
        ("contract.created", "user:1", "CT-2025-000007 采购合同"),
    ]
    assert items[1]["facts"] == {
        "status": "signed",
        "value": {"amount": "288000", "currency": "CNY"},
        "signed_on": "2025-03-02",
        "valid_until": "2026-03-01",
        "end_reason": None,
    }
    assert items[0]["facts"]["end_reason"] == "产线搬迁"
    assert [item["kind"] for item in unseen if item["kind"] == "contract"] == []


async def test_a_contract_of_which_only_a_snapshot_comes_is_one_entry(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    customer = (await client.post("/v1/customers", json={"name": "惠山轴承"})).json()["id"]
    signed = drafted(customer).model_copy(update={"version": 4, "status": ContractStatus.SIGNED})

    for _ in range(2):
        await deliver(service, ContractSigned(state=signed), tenant_id=agent.tenant_id, snapshot=True)

    items = (await client.get(f"/v1/customers/{customer}/timeline", params={"filter": "kind == 'contract'"})).json()
    assert [item["type"] for item in items["items"]] == ["contract.signed"]
