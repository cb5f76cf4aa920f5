from uuid import UUID

import httpx

from crm_contracts.customer.v1 import CustomerCreated, CustomerDeleted, CustomerStatusChanged, CustomerUpdated
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.support import customer, record_of, take_in


async def names(service: RunningService) -> list[tuple[UUID, int, str | None]]:
    rows = await service.sql("SELECT id, version, name FROM known_customers ORDER BY id")
    return [tuple(row) for row in rows]


async def test_a_name_follows_the_events_of_its_customer(service: RunningService, agent: Caller) -> None:
    id = new_id()

    await deliver(service, CustomerCreated(state=customer("北京蓝天", id=id)), tenant_id=agent.tenant_id)
    assert await names(service) == [(id, 1, "北京蓝天")]
    await deliver(service, CustomerUpdated(state=customer("北京蓝天集团", id=id, version=2)), tenant_id=agent.tenant_id)
    await deliver(
        service, CustomerStatusChanged(state=customer("北京蓝天集团", id=id, version=3)), tenant_id=agent.tenant_id
    )

    assert await names(service) == [(id, 3, "北京蓝天集团")]
    assert await service.sql("SELECT 1 FROM outbox UNION ALL SELECT 1 FROM audit_entries") == []


async def test_events_that_come_twice_or_late_change_nothing(service: RunningService, agent: Caller) -> None:
    id = new_id()
    first = CustomerCreated(state=customer("Old name", id=id))
    second = CustomerUpdated(state=customer("New name", id=id, version=2))

    for event in (second, second, first):
        await deliver(service, event, tenant_id=agent.tenant_id)

    assert await names(service) == [(id, 2, "New name")]


async def test_a_batch_with_several_events_of_one_customer_leaves_the_newest(
    service: RunningService, agent: Caller
) -> None:
    id, other = sorted([new_id(), new_id()])
    events = [
        CustomerCreated(state=customer("A", id=id)),
        CustomerCreated(state=customer("甲", id=other)),
        CustomerUpdated(state=customer("B", id=id, version=2)),
    ]

    await take_in(service, [record_of(event, agent.tenant_id) for event in events])

    assert await names(service) == [(id, 2, "B"), (other, 1, "甲")]


async def test_a_snapshot_brings_a_customer_whose_events_are_gone(service: RunningService, agent: Caller) -> None:
    state = customer("老客户", version=7)

    await deliver(service, CustomerCreated(state=state), tenant_id=agent.tenant_id, snapshot=True)

    assert await names(service) == [(state.id, 7, "老客户")]


async def test_no_project_is_opened_for_a_customer_that_is_gone(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    state = customer("Gone", version=4)
    await deliver(service, CustomerDeleted(state=state), tenant_id=agent.tenant_id)
    await deliver(service, CustomerUpdated(state=customer("Gone", id=state.id, version=3)), tenant_id=agent.tenant_id)

    answer = await client.post("/v1/projects", json={"customer_id": str(state.id), "template": "training"})

    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_customer")
    assert await names(service) == [(state.id, 4, None)]
    assert await service.sql("SELECT 1 FROM projects") == []


async def test_customers_of_another_tenant_are_not_known(service: RunningService, client: httpx.AsyncClient) -> None:
    state = customer("Theirs")
    await deliver(service, CustomerCreated(state=state), tenant_id=new_id())

    answer = await client.post("/v1/projects", json={"customer_id": str(state.id), "template": "training"})

    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_customer")
