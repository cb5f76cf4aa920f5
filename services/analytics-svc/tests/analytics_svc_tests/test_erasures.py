"""The part of analytics when a person is erased."""

import orjson

from analytics_svc_tests.test_facts import customer, names
from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.privacy import erasure_of


async def test_the_name_is_erased_and_figures_stay(service: RunningService, reader: Caller) -> None:
    who, other = new_id(), new_id()
    for id, name in ((who, "李雷"), (other, "韩梅梅")):
        await deliver(service, CustomerCreated(state=customer(id, 1, name)), tenant_id=reader.tenant_id)

    request = erasure_of(who)
    for _ in range(2):
        await deliver(service, request, tenant_id=reader.tenant_id)

    assert sorted(await names(service)) == [(1, "[已删除 / erased]"), (1, "韩梅梅")]
    (row,) = await service.sql("SELECT records FROM erasure_answers")
    assert [(one["record"], one["erased"]) for one in orjson.loads(row["records"])] == [("copy", 1)]
    events = [row[0] for row in await service.sql("SELECT type FROM outbox")]
    assert events == ["analytics_erasure.answered"]
