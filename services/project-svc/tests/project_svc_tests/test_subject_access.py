"""What project delivery tells a person who asks what is known."""

from uuid import uuid4

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Caller
from crm_platform.sealing.boxes import new_key_pair
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.privacy import access_of, told_by
from project_svc_tests.support import customer


async def test_the_copy_is_told_once(service: RunningService, agent: Caller) -> None:
    who, other, keys = uuid4(), uuid4(), new_key_pair()
    for id, name in ((who, "李雷"), (other, "韩梅梅")):
        await deliver(service, CustomerCreated(state=customer(name, id=id)), tenant_id=agent.tenant_id)

    request = access_of(who, keys.public)
    for _ in range(2):
        await deliver(service, request, tenant_id=agent.tenant_id)

    told = await told_by(service, keys.private)
    assert [(one["record"], [item["name"] for item in one["items"]]) for one in told] == [("copy", ["李雷"])]
    assert await service.sql("SELECT type FROM outbox") == [("project_access.answered",)]
