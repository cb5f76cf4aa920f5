"""What sales tells a person who asks what is known."""

from uuid import uuid4

import httpx

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Caller
from crm_platform.sealing.boxes import new_key_pair
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.privacy import access_of, told_by
from sales_svc_tests.known_customers.test_copy import customer
from sales_svc_tests.support import posted


async def test_opportunities_are_told_once_and_sealed(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    who, other, keys = uuid4(), uuid4(), new_key_pair()
    for id, name in ((who, "李雷"), (other, "韩梅梅")):
        await deliver(service, CustomerCreated(state=customer(id, 1, name=name)), tenant_id=agent.tenant_id)
        await posted(client, "/v1/opportunities", {"name": f"{name}的订单", "customer_id": str(id)})

    request = access_of(who, keys.public)
    for _ in range(2):
        await deliver(service, request, tenant_id=agent.tenant_id)

    told = {one["record"]: one for one in await told_by(service, keys.private)}
    assert told.keys() == {"copy", "opportunity"}
    assert [one["name"] for one in told["copy"]["items"]] == ["李雷"]
    assert [(one["name"], one["version"]) for one in told["opportunity"]["items"]] == [("李雷的订单", 1)]
    assert told["opportunity"]["title"] == {"en": "opportunity", "zh": "商机"}
    assert told["opportunity"]["schema"]["properties"].keys() == told["opportunity"]["items"][0].keys()
    events = await service.sql("SELECT type, convert_from(payload, 'UTF8') FROM outbox ORDER BY id")
    assert [row[0] for row in events] == ["opportunity.created"] * 2 + ["sales_access.answered"]
    assert "李雷" not in events[-1][1]
