"""The part of sales when a person is erased."""

from uuid import uuid4

import httpx
import orjson

from crm_contracts.customer.v1 import CustomerCreated, CustomerErased
from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.privacy import erasure_of
from sales_svc_tests.known_customers.test_copy import copies, customer
from sales_svc_tests.support import posted


async def test_names_are_erased_and_references_stay(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    who = uuid4()
    await deliver(service, CustomerCreated(state=customer(who, 1, name="李雷")), tenant_id=agent.tenant_id)
    deal = await posted(client, "/v1/opportunities", {"name": "李雷的订单", "customer_id": str(who)})

    request = erasure_of(who)
    for _ in range(2):
        await deliver(service, request, tenant_id=agent.tenant_id)
    await deliver(service, CustomerCreated(state=customer(who, 1, name="李雷")), tenant_id=agent.tenant_id)

    shown = (await client.get(f"/v1/opportunities/{deal['id']}")).json()
    assert (shown["name"], shown["customer_id"], shown["version"]) == ("[已删除 / erased]", str(who), 2)
    assert [row[3] for row in await copies(service)] == ["[已删除 / erased]"]
    await deliver(service, CustomerErased(state=customer(who, 2, name="已删除")), tenant_id=agent.tenant_id)
    assert [row[3] for row in await copies(service)] == ["已删除"]
    (row,) = await service.sql("SELECT records FROM erasure_answers")
    told = [(one["record"], one["erased"], one["members"]) for one in orjson.loads(row["records"])]
    assert told == [("copy", 1, ["name"]), ("opportunity", 1, ["name", "lost_reason"])]
