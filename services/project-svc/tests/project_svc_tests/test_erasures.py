"""The part of project delivery when a person is erased."""

from uuid import uuid4

import orjson

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.privacy import erasure_of
from project_svc_tests.support import customer


async def test_the_name_of_the_customer_is_erased(service: RunningService, agent: Caller) -> None:
    who, other = uuid4(), uuid4()
    for id, name in ((who, "李雷"), (other, "韩梅梅")):
        await deliver(service, CustomerCreated(state=customer(name, id=id)), tenant_id=agent.tenant_id)

    request = erasure_of(who)
    for _ in range(2):
        await deliver(service, request, tenant_id=agent.tenant_id)

    rows = await service.sql("SELECT id, name FROM known_customers")
    assert dict(tuple(row) for row in rows) == {who: "[已删除 / erased]", other: "韩梅梅"}
    (row,) = await service.sql("SELECT records FROM erasure_answers")
    assert [(one["record"], one["erased"]) for one in orjson.loads(row["records"])] == [("copy", 1)]
