"""What analytics tells a person who asks what is known."""

from analytics_svc_tests.test_facts import customer
from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.sealing.boxes import new_key_pair
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.privacy import access_of, told_by


async def test_the_copy_is_told(service: RunningService, reader: Caller) -> None:
    who, other, keys = new_id(), new_id(), new_key_pair()
    for id, name in ((who, "李雷"), (other, "韩梅梅")):
        await deliver(service, CustomerCreated(state=customer(id, 1, name)), tenant_id=reader.tenant_id)

    for _ in range(2):
        await deliver(service, access_of(who, keys.public), tenant_id=reader.tenant_id)

    told = await told_by(service, keys.private)
    assert [(one["record"], [item["name"] for item in one["items"]]) for one in told] == [("copy", ["李雷"])] * 2
    assert "tenant_id" not in told[0]["items"][0]
    events = [row[0] for row in await service.sql("SELECT type FROM outbox")]
    assert events == ["analytics_access.answered"] * 2
