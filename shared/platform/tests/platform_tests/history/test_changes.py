"""The list of changes says who, when, from, to, why and through which system."""

from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.sealing.subjects import destroy_key
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from platform_tests.sealing.people import needle
from platform_tests.sealing.test_records import enter


async def changes(client: httpx.AsyncClient, id: str, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/people/{id}/history", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def change(member: str, from_: Any, to: Any, withheld: str | None = None) -> dict[str, Any]:
    return {"member": member, "from": from_, "to": to, "withheld": withheld}


async def patch(client: httpx.AsyncClient, record: dict[str, Any], **members: Any) -> dict[str, Any]:
    tag = {"if-match": f'"{record["version"]}"'}
    answer = await client.patch(f"/v1/people/{record['id']}", json=members, headers=tag)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def test_each_change_says_who_what_and_when(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client, 1)
    erp = caller(tenant_id=agent.tenant_id, system="erp")
    correlation = str(new_id())
    async with service.as_(erp, **{"x-correlation-id": correlation}) as other:
        after = await patch(other, record, name="欧阳修", phone=None)

    second, first = await changes(client, record["id"])

    assert second == {
        "version": 2,
        "at": after["updated_at"],
        "action": "person.changed",
        "actor": f"user:{erp.id}",
        "reason": None,
        "correlation_id": second["correlation_id"],
        "system": "erp",
        "changes": [change("name", "张三1", "欧阳修"), change("phone", needle(1)["phone"], None)],
    }
    assert (first["version"], first["at"], first["actor"], first["system"]) == (
        1,
        record["created_at"],
        f"user:{agent.id}",
        "crm",
    )
    assert first["changes"] == [
        change("owner_id", None, str(agent.id)),
        change("name", None, "张三1"),
        *(change(name, None, value) for name, value in needle(1).items()),
    ]


async def test_pages_filters_and_one_member(client: httpx.AsyncClient) -> None:
    record = await enter(client, 1)
    for number in range(2, 6):
        record = await patch(client, record, **({"name": f"{number}"} if number % 2 else {"phone": f"+86{number}"}))
    path = f"/v1/people/{record['id']}/history"

    page = (await client.get(path, params={"limit": 2, "count": "exact"})).json()
    rest = (await client.get(path, params={"limit": 9, "cursor": page["next_cursor"]})).json()

    assert [one["version"] for one in page["items"] + rest["items"]] == [5, 4, 3, 2, 1]
    assert (page["count"], rest["next_cursor"]) == ({"value": 5, "relation": "eq"}, None)
    assert [one["version"] for one in await changes(client, record["id"], sort="version", limit=2)] == [1, 2]
    told = await changes(client, record["id"], member="phone")
    assert [(one["version"], one["changes"]) for one in told] == [
        (4, [change("phone", "+862", "+864")]),
        (2, [change("phone", needle(1)["phone"], "+862")]),
        (1, [change("phone", None, needle(1)["phone"])]),
    ]
    assert [one["version"] for one in await changes(client, record["id"], member="name")] == [5, 3, 1]
    assert [one["version"] for one in await changes(client, record["id"], filter="version > 3")] == [5, 4]
    assert await changes(client, record["id"], filter="actor == 'user:nobody'") == []


REFUSED = (
    ({"member": "shoe_size"}, "invalid_parameter"),
    ({"fields": "version"}, "unknown_parameter"),
    ({"sort": "actor"}, "invalid_parameter"),
    ({"filter": "before == 'x'"}, "invalid_parameter"),
    ({"cursor": "x"}, "invalid_parameter"),
)


async def test_what_cannot_be_asked(client: httpx.AsyncClient) -> None:
    record = await enter(client, 1)
    for query, code in REFUSED:
        answer = await client.get(f"/v1/people/{record['id']}/history", params=query)

        assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_of_an_erased_person_only_the_open_members_are_left(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await patch(client, await enter(client, 1), name="李四", emails=[])
    async with service.app.state.runtime.database.transaction(agent.tenant_id) as connection:
        await destroy_key(connection, UUID(record["id"]), at=datetime.fromisoformat("2026-03-04T05:06:07+00:00"))

    second, first = await changes(client, record["id"])

    assert second["changes"] == [change("name", "张三1", "李四"), change("emails", None, None, "erased")]
    assert first["changes"][1:] == [
        change("name", None, "张三1"),
        *(change(name, None, None, "erased") for name in needle(1)),
    ]


async def test_what_was_sealed_elsewhere_is_not_shown(client: httpx.AsyncClient, service: RunningService) -> None:
    one, two = await enter(client, 1), await enter(client, 2)
    await service.sql(
        "UPDATE audit_entries SET after = after || jsonb_build_object('sealed', jsonb_set(after->'sealed', '{data}',"
        " (SELECT o.after->'sealed'->'data' FROM audit_entries o WHERE o.aggregate_id = $2))) WHERE aggregate_id = $1",
        UUID(one["id"]),
        UUID(two["id"]),
    )

    (entry,) = await changes(client, one["id"])

    assert entry["changes"][2:] == [change(name, None, None, "unreadable") for name in needle(1)]


async def test_history_is_for_whoever_sees_the_record(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client, 1)
    paths = [f"/v1/people/{record['id']}/{last}" for last in ("history", "history/verification", "as-of")]
    blind, stranger = colleague(agent, visibility="own"), caller()
    for who, status in (
        (agent, 200),
        (blind, 404),
        (stranger, 404),
        (colleague(agent, "notes:read"), 403),
        (None, 401),
    ):
        async with service.as_(who) as other:
            assert [(await other.get(path)).status_code for path in paths] == [status] * 3

    await client.delete(f"/v1/people/{record['id']}", headers={"if-match": '"1"'})

    last, first = await changes(client, record["id"])
    assert (last["action"], last["version"], last["changes"]) == ("person.removed", 2, [])
    assert first["action"] == "person.entered"
    for who, expected in ((agent, [200, 200, 404]), (blind, [404] * 3), (stranger, [404] * 3)):
        async with service.as_(who) as other:
            assert [(await other.get(path)).status_code for path in paths] == expected
