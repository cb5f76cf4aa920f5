"""The service desk's part when a person is erased."""

from uuid import UUID

import httpx
import orjson

from crm_contracts.privacy.v1 import Hold, SubjectKind
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.privacy import erasure_of


async def ticket(client: httpx.AsyncClient, customer_id: UUID) -> str:
    body = {"customer_id": str(customer_id), "kind": "complaint", "subject": "needle 李雷", "description": "needle"}
    answer = await client.post("/v1/tickets", json=body)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def test_words_are_erased_once_and_told(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    who, other = new_id(), new_id()
    mine, others = await ticket(client, who), await ticket(client, other)
    request = erasure_of(who)

    for _ in range(2):
        await deliver(service, request, tenant_id=agent.tenant_id)

    shown = (await client.get(mine)).json()
    assert (shown["subject"], shown["description"], shown["customer_id"]) == ("[已删除 / erased]", None, str(who))
    assert (await client.get(others)).json()["subject"] == "needle 李雷"
    events = [row[0] for row in await service.sql("SELECT type FROM outbox ORDER BY id")]
    assert events == ["ticket.opened", "ticket.opened", "ticket.updated", "service_desk_erasure.answered"]
    (row,) = await service.sql("SELECT payload FROM outbox WHERE type = 'service_desk_erasure.answered'")
    told = orjson.loads(row["payload"])["state"]
    assert (told["erasure_id"], told["service"]) == (str(request.state.id), "service-desk-svc")
    expected = {"record": "ticket", "members": ["subject", "description", "resolution"], "erased": 1, "kept": 0}
    assert told["records"] == [expected | {"why": None, "until": None}]


async def test_events_that_are_told_again_do_not_tell_of_the_person(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    who = new_id()
    await ticket(client, who)

    await deliver(service, erasure_of(who), tenant_id=agent.tenant_id)

    payloads = await service.sql("SELECT convert_from(payload, 'UTF8') FROM outbox")
    assert len(payloads) == 3
    assert "needle" not in str([row[0] for row in payloads])


async def test_a_rule_keeps_what_is_young_enough(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    who = new_id()
    old, young = await ticket(client, who), await ticket(client, who)
    await service.sql("UPDATE tickets SET created_at = '2001-01-01Z' WHERE id = $1", UUID(old.rsplit("/", 1)[1]))

    await deliver(
        service, erasure_of(who, holds=[Hold(record="ticket", days=30, law="§ 1")]), tenant_id=agent.tenant_id
    )

    assert [(await client.get(path)).json()["description"] for path in (old, young)] == [None, "needle"]
    (row,) = await service.sql("SELECT records FROM erasure_answers")
    (records,) = orjson.loads(row["records"])
    assert (records["erased"], records["kept"], records["why"]) == (1, 1, "§ 1")
    assert records["until"] is not None


async def test_a_service_that_holds_nothing_says_so(service: RunningService, agent: Caller) -> None:
    for kind in SubjectKind:
        await deliver(service, erasure_of(new_id(), kind=kind), tenant_id=agent.tenant_id)

    rows = await service.sql("SELECT records FROM erasure_answers")
    assert [orjson.loads(row["records"]) for row in rows] == [[], []]
