"""A destroyed key erases a person everywhere, and nothing else."""

from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from crm_contracts.sealing import BrokenSeal, from_text, opened
from crm_platform.audit.sealer import Sealer
from crm_platform.audit.verify import verify_service
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.sealing.subjects import destroy_key
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from platform_tests.sealing.people import PersonEntered, needle
from platform_tests.sealing.test_records import enter, sealed_of

NOTHING: dict[str, Any] = {"phone": None, "emails": [], "address": None}
MOMENT = datetime.fromisoformat("2026-03-04T05:06:07.000008+00:00")


async def erase(service: RunningService, tenant_id: UUID, id: str) -> bool:
    async with service.app.state.runtime.database.transaction(tenant_id) as connection:
        return await destroy_key(connection, UUID(id), at=MOMENT)


async def test_an_erased_person_is_empty_and_says_so(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    erased, other = await enter(client, 1), await enter(client, 2)
    path = f"/v1/people/{erased['id']}"
    await client.post(f"{path}/notes", json={"title": "a", "text": "b"})
    assert (await client.get(path)).json() == erased  # so that this process has the key at hand

    assert await erase(service, agent.tenant_id, erased["id"])

    expected = {**erased, **NOTHING, "erased_at": "2026-03-04T05:06:07.000008+00:00"}
    assert (await client.get(path)).json() == expected
    assert (await client.get("/v1/people", params={"sort": "name"})).json()["items"] == [expected, other]
    (note,) = (await client.get("/v1/notes")).json()["items"]
    assert (note["title"], note["text"], note["erased_at"]) == ("a", None, expected["erased_at"])
    chosen = await client.get("/v1/people", params={"sort": "name", "fields": "emails"})
    assert chosen.json()["items"] == [{"emails": []}, {"emails": other["emails"]}]


async def test_it_is_erased_once_and_for_its_tenant_only(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client, 1)

    assert not await _erase_elsewhere(service, record["id"])
    assert (await client.get(f"/v1/people/{record['id']}")).json() == record
    assert await erase(service, agent.tenant_id, record["id"])
    assert not await erase(service, agent.tenant_id, record["id"])


async def _erase_elsewhere(service: RunningService, id: str) -> bool:
    """In another tenant, where no such subject is known; returns whether ours was touched."""
    await erase(service, new_id(), id)
    rows = await service.sql("SELECT 1 FROM subject_keys WHERE wrapped_key IS NULL AND kek_id <> ''")
    return bool(rows)


async def test_an_erased_person_takes_no_personal_data_again(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client, 1)
    await erase(service, agent.tenant_id, record["id"])
    path, tag = f"/v1/people/{record['id']}", {"if-match": '"1"'}
    before = await service.sql("SELECT * FROM outbox")

    refused = await client.patch(path, json={"phone": "+8613900000000"}, headers=tag)
    note = await client.post(f"{path}/notes", json={"title": "a", "text": "b"})

    assert [(one.status_code, one.json()["code"]) for one in (refused, note)] == [(409, "personal_data_erased")] * 2
    assert await service.sql("SELECT * FROM outbox") == before
    changed = await client.patch(path, json={"city_code": "010"}, headers=tag)
    assert changed.status_code == 200
    assert sealed_of(changed.json()) == NOTHING
    assert changed.json()["erased_at"] == "2026-03-04T05:06:07.000008+00:00"
    assert (await client.delete(path, headers={"if-match": '"2"'})).status_code == 204


async def test_who_was_erased_before_anything_was_known_gets_no_key(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    nobody = str(new_id())
    assert await erase(service, agent.tenant_id, nobody)

    refused = await client.post(f"/v1/people/{nobody}/notes", json={"title": "a", "text": "b"})

    assert (refused.status_code, refused.json()["code"]) == (409, "personal_data_erased")


async def test_events_open_with_the_key_of_the_subject_and_with_no_other(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record, other = await enter(client, 1), await enter(client, 2)
    ((payload,), (second,)) = await service.sql("SELECT payload FROM outbox ORDER BY id")
    event = PersonEntered.parse(payload)

    assert event.sealed is not None
    assert (str(event.sealed.subject_id), event.sealed.members) == (record["id"], ("phone", "emails", "address"))
    assert event.state.model_dump(include={"phone", "emails", "address"}) == {**NOTHING, "emails": ()}
    told = opened(event, tenant_id=agent.tenant_id, key=await key_of(client, record["id"]))
    assert {name: value for name, value in told.state.model_dump(mode="json").items() if name in NOTHING} == needle(1)
    assert told.sealed is None
    for key, tenant, one in (
        (await key_of(client, other["id"]), agent.tenant_id, event),
        (await key_of(client, record["id"]), new_id(), event),
        (
            await key_of(client, record["id"]),
            agent.tenant_id,
            event.model_copy(update={"sealed": PersonEntered.parse(second).sealed}),
        ),
    ):
        assert await _refused(one, tenant, key)


async def _refused(event: PersonEntered, tenant_id: UUID, key: bytes) -> bool:
    try:
        opened(event, tenant_id=tenant_id, key=key)
    except BrokenSeal:
        return True
    return False


async def key_of(client: httpx.AsyncClient, id: str) -> bytes:
    answer = await client.get(f"/v1/subject-keys/{id}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert body.keys() == {"subject_id", "algorithm", "key"}
    return from_text(body["key"])


async def test_the_key_is_given_to_whom_may_have_it_until_it_is_destroyed(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client, 1)
    path = f"/v1/subject-keys/{record['id']}"

    async with service.as_(colleague(agent, "people:*")) as other:
        assert (await other.get(path)).status_code == 403
    async with service.as_(None) as anonymous:
        assert (await anonymous.get(path)).status_code == 401
    assert (await client.get(f"/v1/subject-keys/{new_id()}")).status_code == 404
    assert await service.sql("SELECT 1 FROM audit_entries WHERE aggregate_type = 'subject_key'") == []
    assert (await client.get(path)).status_code == 200
    await erase(service, agent.tenant_id, record["id"])
    gone = await client.get(path, headers={"accept-language": "zh"})

    assert (gone.status_code, gone.json()["code"]) == (410, "subject_key_gone")
    read = await service.sql(
        "SELECT action, aggregate_id::text, version, actor FROM audit_entries WHERE aggregate_type = 'subject_key'"
    )
    assert [tuple(row) for row in read] == [("subject_key.read", record["id"], 0, agent.actor)]
    assert gone.json()["detail"] == f"{record['id']} 的密钥已销毁，其封存的个人数据已删除。"


async def test_the_chain_of_the_audit_trail_holds_after_an_erasure(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client, 1)
    await client.patch(f"/v1/people/{record['id']}", json={"phone": None}, headers={"if-match": '"1"'})
    sealer = Sealer(service.app.state.runtime.database, service.settings)
    assert await sealer.seal_batch() == 2

    await erase(service, agent.tenant_id, record["id"])

    checkpoints = service.settings.audit.checkpoint_dir
    report = await verify_service(service.settings.db.url, service.service.name, checkpoints)
    assert (report.sound, report.entries) == (True, 2)


async def test_a_remembered_answer_goes_with_the_person(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    key, body = {"idempotency-key": "once"}, {"name": "张三", **needle(1)}
    made = await client.post("/v1/people", json=body, headers=key)

    again = await client.post("/v1/people", json=body, headers=key)
    other = await client.post("/v1/people", json={**body, "name": "李四"}, headers=key)
    await erase(service, agent.tenant_id, made.json()["id"])
    gone = await client.post("/v1/people", json=body, headers=key)

    assert (again.status_code, again.content, again.headers["idempotent-replayed"]) == (201, made.content, "true")
    assert again.headers["location"] == made.headers["location"]
    assert "sealed-for" not in again.headers
    assert other.json()["code"] == "idempotency_key_reused"
    assert (gone.status_code, gone.json()["code"]) == (410, "subject_key_gone")
    assert await service.sql("SELECT count(*) FROM people") == [(1,)]
