from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from crm_contracts.customer.v1 import (
    CustomerCreated,
    CustomerDeleted,
    CustomerEvent,
    CustomerKind,
    CustomerSnapshot,
    CustomerStatus,
    CustomerStatusChanged,
    CustomerUpdated,
)
from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, deliver
from sales_svc_tests.support import posted, told


def customer(id: UUID, version: int, **fields: Any) -> CustomerSnapshot:
    empty = dict.fromkeys(name for name, info in CustomerSnapshot.model_fields.items() if info.is_required())
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    known = {
        "id": id,
        "version": version,
        "kind": CustomerKind.COMPANY,
        "name": "观心科技",
        "status": CustomerStatus.PROSPECT,
        "tags": (),
        "external_refs": (),
        "created_at": moment,
        "created_by": "user:1",
        "updated_at": moment,
        "updated_by": "user:1",
    }
    return CustomerSnapshot.model_validate({**empty, **known, **fields})


async def copies(service: RunningService) -> list[tuple[Any, ...]]:
    rows = await service.sql("SELECT tenant_id, id, version, name, status, owner_id FROM known_customers ORDER BY name")
    return [tuple(row) for row in rows]


async def test_the_copy_follows_the_customer(service: RunningService, agent: Caller) -> None:
    id, owner = uuid4(), uuid4()
    story: list[CustomerEvent] = [
        CustomerCreated(state=customer(id, 1)),
        CustomerUpdated(state=customer(id, 2, name="观心", owner_id=owner)),
        CustomerStatusChanged(state=customer(id, 3, name="观心", owner_id=owner, status=CustomerStatus.ACTIVE)),
    ]
    for event in story:
        await deliver(service, event, tenant_id=agent.tenant_id)
    after_story = await copies(service)
    for event in (story[2], story[0], story[1]):  # twice, and out of order
        await deliver(service, event, tenant_id=agent.tenant_id)
    after_noise = await copies(service)
    await deliver(service, CustomerDeleted(state=customer(id, 4)), tenant_id=agent.tenant_id)
    await deliver(service, CustomerDeleted(state=customer(id, 4)), tenant_id=agent.tenant_id)

    assert after_story == after_noise == [(agent.tenant_id, id, 3, "观心", "active", owner)]
    assert await copies(service) == []
    assert await told(service) == []


async def test_a_snapshot_brings_a_customer_whose_events_are_gone(service: RunningService, agent: Caller) -> None:
    state = customer(uuid4(), 7, name="老客户")

    await deliver(service, CustomerCreated(state=state), tenant_id=agent.tenant_id, snapshot=True)

    assert await copies(service) == [(agent.tenant_id, state.id, 7, "老客户", "prospect", None)]


async def test_an_opportunity_tells_whether_its_customer_is_known(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    id = uuid4()
    early = await posted(client, "/v1/opportunities", {"name": "Deal", "customer_id": str(id)})
    nobody = await posted(client, "/v1/opportunities", {"name": "Idea"})
    path = f"/v1/opportunities/{early['id']}"
    await deliver(service, CustomerCreated(state=customer(id, 1)), tenant_id=caller().tenant_id)
    elsewhere = (await client.get(path)).json()
    await deliver(service, CustomerCreated(state=customer(id, 1)), tenant_id=agent.tenant_id)
    arrived = (await client.get(path)).json()
    late = await posted(client, "/v1/opportunities", {"name": "Deal", "customer_id": str(id)})
    await deliver(service, CustomerDeleted(state=customer(id, 2)), tenant_id=agent.tenant_id)
    gone = (await client.get(path)).json()

    shown = [opportunity["customer_known"] for opportunity in (early, nobody, elsewhere, arrived, late, gone)]
    assert shown == [False, False, False, True, True, False]
    assert gone["customer_id"] == str(id)
