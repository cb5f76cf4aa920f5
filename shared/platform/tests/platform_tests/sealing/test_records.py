"""Records with sealed members are to clients as all others are."""

from typing import Any

import httpx

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from platform_tests.sealing.people import needle


async def enter(client: httpx.AsyncClient, number: int, **more: Any) -> dict[str, Any]:
    made = await client.post("/v1/people", json={"name": f"张三{number}", **needle(number), **more})
    assert made.status_code == 201, made.text
    record: dict[str, Any] = made.json()
    return record


def sealed_of(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in ("phone", "emails", "address")}


async def test_what_was_entered_is_shown(client: httpx.AsyncClient) -> None:
    made = await client.post("/v1/people", json={"name": "张三", "city_code": "0575", **needle(1)})

    assert made.status_code == 201, made.text
    record = made.json()
    assert {name: record[name] for name in ("name", "city_code", "erased_at")} == {
        "name": "张三",
        "city_code": "0575",
        "erased_at": None,
    }
    assert sealed_of(record) == needle(1)
    assert (await client.get(made.headers["location"])).json() == record
    assert (await client.get("/v1/people")).json() == {"items": [record], "next_cursor": None}


async def test_a_list_shows_each_record_with_its_own_members(client: httpx.AsyncClient) -> None:
    records = [await enter(client, number) for number in range(5)]

    first = (await client.get("/v1/people", params={"sort": "name", "limit": 3})).json()
    second = (
        await client.get("/v1/people", params={"sort": "name", "limit": 3, "cursor": first["next_cursor"]})
    ).json()

    assert first["items"] + second["items"] == records
    assert second["next_cursor"] is None


async def test_fields_choose_among_sealed_and_open_members(client: httpx.AsyncClient) -> None:
    record = await enter(client, 1)

    async def chosen(fields: str) -> Any:
        return (await client.get("/v1/people", params={"fields": fields})).json()["items"]

    for fields in ("name", "phone", "name,emails", "phone,emails,address", "erased_at", "address,erased_at,id"):
        assert await chosen(fields) == [{name: record[name] for name in fields.split(",")}]
    refused = await client.get("/v1/people", params={"fields": "sealed"})
    assert refused.status_code == 400


async def test_a_read_of_open_members_asks_for_no_key(client: httpx.AsyncClient, service: RunningService) -> None:
    await enter(client, 1)
    await service.sql("UPDATE people SET sealed = 'not even sealed'")

    assert (await client.get("/v1/people", params={"fields": "name"})).json()["items"] == [{"name": "张三1"}]
    assert (await client.get("/v1/people")).status_code == 500


async def test_a_change_of_open_members_leaves_the_sealed_ones_as_they_lie(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    record = await enter(client, 1)
    before = await service.sql("SELECT sealed FROM people")

    changed = await client.patch(f"/v1/people/{record['id']}", json={"city_code": "010"}, headers={"if-match": '"1"'})

    assert changed.status_code == 200, changed.text
    assert changed.json() == {
        **record,
        "version": 2,
        "city_code": "010",
        "updated_at": changed.json()["updated_at"],
    }
    assert await service.sql("SELECT sealed FROM people") == before


async def test_a_change_of_sealed_members_seals_them_anew_under_the_same_key(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    record = await enter(client, 1)
    before = await service.sql("SELECT sealed FROM people")
    keys = await service.sql("SELECT * FROM subject_keys")

    changed = await client.patch(f"/v1/people/{record['id']}", json={"phone": None}, headers={"if-match": '"1"'})

    assert sealed_of(changed.json()) == {**needle(1), "phone": None}
    assert (await client.get(f"/v1/people/{record['id']}")).json() == changed.json()
    assert await service.sql("SELECT sealed FROM people") != before
    assert await service.sql("SELECT * FROM subject_keys") == keys
    assert len(keys) == 1


async def test_a_change_of_nothing_is_no_change(client: httpx.AsyncClient, service: RunningService) -> None:
    record = await enter(client, 1)

    same = await client.patch(f"/v1/people/{record['id']}", json=needle(1), headers={"if-match": '"1"'})

    assert same.json() == record
    assert await service.sql("SELECT version FROM audit_entries") == [(1,)]


async def test_nobody_else_sees_a_person(client: httpx.AsyncClient, service: RunningService, agent: Caller) -> None:
    record = await enter(client, 1)
    path = f"/v1/people/{record['id']}"

    async with service.as_(colleague(agent, visibility="own")) as other:
        assert (await other.get(path)).status_code == 404
        assert (await other.get("/v1/people")).json()["items"] == []
        patched = await other.patch(path, json={"phone": "1"}, headers={"if-match": '"1"'})
        assert patched.status_code == 404


async def test_a_deleted_record_leaves_its_key_behind(client: httpx.AsyncClient, service: RunningService) -> None:
    record = await enter(client, 1)

    gone = await client.delete(f"/v1/people/{record['id']}", headers={"if-match": '"1"'})

    assert gone.status_code == 204, gone.text
    assert await service.sql("SELECT 1 FROM people UNION ALL SELECT 1 FROM people_keys") == []
    (key,) = await service.sql("SELECT subject_id, wrapped_key IS NOT NULL, destroyed_at FROM subject_keys")
    assert tuple(map(str, key)) == (record["id"], "True", "None")


async def test_records_of_another_subject_share_its_key(client: httpx.AsyncClient, service: RunningService) -> None:
    record = await enter(client, 1)
    keys = await service.sql("SELECT * FROM subject_keys")

    made = [
        await client.post(f"/v1/people/{record['id']}/notes", json={"title": f"便笺{n}", "text": f"秘密{n}"})
        for n in range(2)
    ]

    assert [note.status_code for note in made] == [201, 201]
    listed = (await client.get("/v1/notes", params={"sort": "created_at"})).json()["items"]
    assert [(note["title"], note["text"]) for note in listed] == [("便笺0", "秘密0"), ("便笺1", "秘密1")]
    assert await service.sql("SELECT * FROM subject_keys") == keys


async def test_a_subject_without_a_key_gets_one(client: httpx.AsyncClient, service: RunningService) -> None:
    stranger = new_id()

    made = await client.post(f"/v1/people/{stranger}/notes", json={"title": "a", "text": "b"})

    assert made.json()["text"] == "b"
    assert await service.sql("SELECT subject_id FROM subject_keys") == [(stranger,)]
