"""Views are kept, shared, and say how lists are seen."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx

from crm_platform.context import Caller
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService

GRADES = {"甲": "A", "乙": "B", "丙": "A", "丁": None}


async def save(client: httpx.AsyncClient, **view: Any) -> dict[str, Any]:
    answer = await client.post("/v1/saved-views", json={"name": "重点客户", "resource": "customers", **view})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def fill(client: httpx.AsyncClient) -> None:
    for name, grade in GRADES.items():
        assert (await client.post("/v1/customers", json={"name": name, "grade": grade})).status_code == 201


async def seen(client: httpx.AsyncClient, view: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/customers", params={"view": view["id"], **query})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_list_is_seen_as_its_view_says_unless_the_request_says_otherwise(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    await fill(client)
    view = await save(client, filter="grade == 'A' || grade == 'B'", sort="-name", columns=["name", "grade"])

    plain = (await client.get("/v1/customers", params={"sort": "-name", "fields": "name,grade"})).json()["items"]
    assert await seen(client, view) == [one for one in plain if one["grade"]]
    assert len(plain) == len(GRADES)
    assert await seen(client, view, filter="grade == 'B' || name == '丁'", fields="name") == [{"name": "乙"}]
    assert [one["name"] for one in await seen(client, view, sort="created_at")] == ["甲", "乙", "丙"]
    first = (await client.get("/v1/customers", params={"view": view["id"], "sort": "created_at", "limit": 2})).json()
    rest = {"view": view["id"], "sort": "created_at", "cursor": first["next_cursor"]}
    assert (await client.get("/v1/customers", params=rest)).json()["items"] == [{"name": "丙", "grade": "A"}]
    elsewhere = await client.get("/v1/contacts", params={"view": view["id"]})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not_found")
    events = await service.sql("SELECT type, version FROM outbox WHERE aggregate_type = 'saved_view' ORDER BY id")
    assert [tuple(one) for one in events] == [("saved_view.created", 1)]


async def test_who_sees_and_who_changes_a_view(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    team = uuid4()
    author = colleague(agent, visibility="own", team_ids=[team])
    mate, other = (colleague(agent, visibility="own", team_ids=[id]) for id in (team, uuid4()))
    boss = colleague(agent)
    views: dict[str, dict[str, Any]] = {}
    async with service.as_(author) as writer:
        for sharing in ("private", "team"):
            views[sharing] = await save(writer, name=sharing, sharing=sharing)
        refused = await writer.post("/v1/saved-views", json={"name": "x", "resource": "customers", "sharing": "all"})
        assert (refused.status_code, refused.json()["code"]) == (403, "shared_too_widely")
    views["all"] = await save(client, name="all", sharing="all")
    everything = {author: {"private", "team", "all"}, mate: {"team", "all"}, other: {"all"}, boss: {"all"}}
    for who, expected in [*everything.items(), (caller(), set[str]())]:
        async with service.as_(who) as reader:
            listed = (await reader.get("/v1/saved-views")).json()["items"]
            assert {one["name"] for one in listed} == expected
            for name, view in views.items():
                status = 200 if name in expected else 404
                assert (await reader.get(f"/v1/saved-views/{view['id']}")).status_code == status
                assert (await reader.get("/v1/customers", params={"view": view["id"]})).status_code == status

    team_view = f"/v1/saved-views/{views['team']['id']}"
    for who, path, told in (
        (mate, team_view, (403, "not_your_view")),
        (boss, team_view, (404, "not_found")),
        (other, f"/v1/saved-views/{views['all']['id']}", (403, "not_your_view")),
        (author, team_view, (412, "version_mismatch")),
    ):
        async with service.as_(who) as writer:
            tag = {"if-match": '"7"'}
            for answer in (
                await writer.patch(path, json={"name": "z"}, headers=tag),
                await writer.delete(path, headers=tag),
            ):
                assert (answer.status_code, answer.json()["code"]) == told
    async with service.as_(boss) as writer:
        path = f"/v1/saved-views/{views['all']['id']}"
        changed = await writer.patch(path, json={"name": "常用", "sort": "name"}, headers={"if-match": '"1"'})
        assert (changed.status_code, changed.json()["name"], changed.json()["author_id"]) == (
            200,
            "常用",
            str(agent.id),
        )
        assert (await writer.delete(path, headers={"if-match": '"2"'})).status_code == 204


async def test_what_a_list_cannot_do_is_refused_and_named(client: httpx.AsyncClient, service: RunningService) -> None:
    for wrong, pointer in (
        ({"filter": "grade == 7"}, "/filter"),
        ({"filter": "shoe_size > 40"}, "/filter"),
        ({"sort": "phone"}, "/sort"),
        ({"columns": ["name", "shoe_size"]}, "/columns"),
        ({"resource": "tickets"}, "/resource"),
    ):
        answer = await client.post("/v1/saved-views", json={"name": "x", "resource": "customers", **wrong})
        assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, [pointer])
    made = await save(client)
    twice = await client.post("/v1/saved-views", json={"name": made["name"], "resource": "customers"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_exists")
    assert await service.sql("SELECT count(*) FROM saved_views") == [(1,)]


async def test_a_view_of_what_is_not_there_any_more_says_so(client: httpx.AsyncClient, service: RunningService) -> None:
    view = await save(client, name="按评分")
    for change, part in (("filter = 'credit_score > 7'", "filter"), ("filter = NULL, columns = '{fax}'", "columns")):
        await service.sql(f"UPDATE saved_views SET {change} WHERE id = $1", UUID(view["id"]))

        answer = await client.get("/v1/customers", params={"view": view["id"]}, headers={"accept-language": "zh"})

        assert (answer.status_code, answer.json()["code"]) == (409, "view_does_not_fit")
        assert answer.json()["detail"].startswith(f"已存视图“按评分”已不可用，其 {part}：")
    assert (await client.get(f"/v1/saved-views/{view['id']}")).json()["columns"] == ["fax"]


async def test_a_view_needs_the_right_to_see_its_list(service: RunningService, agent: Caller) -> None:
    narrow = replace(agent, scopes=frozenset({"contacts:read"}))
    async with service.as_(narrow) as client:
        refused = await client.post("/v1/saved-views", json={"name": "x", "resource": "customers"})

        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert (await save(client, resource="contacts"))["resource"] == "contacts"
