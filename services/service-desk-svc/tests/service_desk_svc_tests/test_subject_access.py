"""What the service desk tells a person who asks what is known."""

import httpx

from crm_contracts.privacy.v1 import SubjectKind
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.sealing.boxes import new_key_pair
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.privacy import access_of, told_by
from service_desk_svc_tests.test_erasures import ticket


async def test_tickets_are_told(client: httpx.AsyncClient, service: RunningService, agent: Caller) -> None:
    who, keys = new_id(), new_key_pair()
    await ticket(client, who)
    await ticket(client, new_id())

    await deliver(service, access_of(who, keys.public), tenant_id=agent.tenant_id)

    (told,) = await told_by(service, keys.private)
    assert (told["record"], told["source"], told["left_out"], told["withheld"]) == ("ticket", "tickets", 0, None)
    assert [(one["subject"], one["description"]) for one in told["items"]] == [("needle 李雷", "needle")]


async def test_a_service_that_holds_nothing_says_so(service: RunningService, agent: Caller) -> None:
    keys = new_key_pair()
    for kind in SubjectKind:
        await deliver(service, access_of(new_id(), keys.public, kind=kind), tenant_id=agent.tenant_id)

    assert await told_by(service, keys.private) == []
    rows = await service.sql("SELECT page, pages, records::text FROM access_answers")
    assert [tuple(row) for row in rows] == [(1, 1, "[]")] * 2
