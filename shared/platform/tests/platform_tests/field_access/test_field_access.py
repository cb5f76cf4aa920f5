"""Members that are hidden, masked or read only, wherever a record goes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from crm_platform.auth.claims import Claims, claims_of
from crm_platform.context import Caller, FieldLevel, FieldRule
from crm_platform.reads.field_access import masked
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from platform_tests.sealing.people import needle

RULES: dict[str, FieldLevel] = {
    "name": "masked",
    "phone": "masked",
    "emails": "masked",
    "address": "hidden",
    "city_code": "hidden",
    "owner_id": "read",
    "id": "hidden",
}
PERSON = {"name": "王小明", "city_code": "0571", **needle(1), "phone": "+8613800138000"}
LEFT = {"name": "王**", "phone": "138****8000", "emails": []}


def ruled(agent: Caller, resource: str = "people", **rules: FieldLevel) -> Caller:
    """A colleague for whom members have rules; that of the id counts for nothing."""
    fields = tuple(FieldRule(resource, name, level) for name, level in (rules or RULES).items())
    return replace(colleague(agent), fields=fields)


@pytest.fixture
async def limited(service: RunningService, agent: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with service.as_(ruled(agent)) as client:
        yield client


async def enter(client: httpx.AsyncClient, **members: Any) -> dict[str, Any]:
    made = await client.post("/v1/people", json={**PERSON, **members})
    assert made.status_code == 201, made.text
    record: dict[str, Any] = made.json()
    return record


def left_of(record: dict[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in record.items() if RULES.get(name) != "hidden" or name == "id"}, **LEFT}


async def test_records_lists_and_the_past_show_what_is_left(
    client: httpx.AsyncClient, limited: httpx.AsyncClient
) -> None:
    record = await enter(client)
    path = f"/v1/people/{record['id']}"

    assert (await limited.get(path)).json() == left_of(record)
    assert (await limited.get("/v1/people")).json()["items"] == [left_of(record)]
    assert (await limited.get(f"{path}/as-of")).json() == left_of(record)
    chosen = await limited.get("/v1/people", params={"fields": "name,emails"})
    assert chosen.json()["items"] == [{"name": "王**", "emails": []}]
    assert (await client.get(path)).json() == record

    (entry,) = (await limited.get(f"{path}/history")).json()["items"]
    assert [(one["member"], one["from"], one["to"], one["withheld"]) for one in entry["changes"]] == [
        ("owner_id", None, record["owner_id"], None),
        ("name", None, "王**", "masked"),
        ("phone", None, "138****8000", "masked"),
        ("emails", None, [], "masked"),
    ]
    told = await limited.get(f"{path}/history", params={"member": "city_code"})
    assert (told.status_code, told.json()["code"]) == (403, "member_not_seen")


async def test_nothing_is_found_out_by_asking(client: httpx.AsyncClient, limited: httpx.AsyncClient) -> None:
    await enter(client)
    for query, member in (
        ({"filter": "city_code == '0571'"}, "city_code"),
        ({"filter": "name.startsWith('王')"}, "name"),
        ({"sort": "-name"}, "name"),
        ({"fields": "id,address"}, "address"),
        ({"filter": "version == 1 || name == '王小明'", "count": "exact"}, "name"),
    ):
        answer = await limited.get("/v1/people", params=query)
        assert (answer.status_code, answer.json()["code"]) == (403, "member_not_seen"), query
        assert f"`{member}`" in answer.json()["detail"]
        assert (await client.get("/v1/people", params=query)).status_code == 200
    assert len((await limited.get("/v1/people", params={"filter": "version == 1"})).json()["items"]) == 1


async def test_what_may_not_be_edited_is_refused_by_name_and_nothing_is_written(
    client: httpx.AsyncClient, limited: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client)
    path, tag = f"/v1/people/{record['id']}", {"if-match": '"1"'}
    for body in ({"name": "李四"}, {"phone": None}, {"city_code": "010"}, {"address": None}):
        answer = await limited.patch(path, json=body, headers=tag)
        assert (answer.status_code, answer.json()["code"]) == (403, "member_not_editable")
        assert f"`{next(iter(body))}`" in answer.json()["detail"]
    assert (await limited.post("/v1/people", json=PERSON)).status_code == 403
    assert await service.sql("SELECT count(*) FROM outbox") == [(1,)]

    async with service.as_(ruled(agent, phone="masked", owner_id="read")) as writer:
        changed = await writer.patch(path, json={"name": "李四"}, headers=tag)
        assert (changed.status_code, changed.json()["name"], changed.json()["phone"]) == (200, "李四", "138****8000")
        mine = await writer.post("/v1/people", json={"name": "赵五"})  # which sets the owner, to who enters it
        assert (mine.status_code, mine.json()["phone"]) == (201, None)
    assert (await client.get(path)).json()["phone"] == PERSON["phone"]


async def test_rules_of_other_resources_are_no_rules(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client)
    async with service.as_(ruled(agent, "customers", name="hidden")) as other:
        assert (await other.get(f"/v1/people/{record['id']}")).json() == record


def test_a_token_says_the_rules(agent: Caller) -> None:
    caller = replace(ruled(agent), expires_at=0.0)
    claims = claims_of(caller)

    assert claims["fld"]["people"]["phone"] == "masked"
    assert "fld" not in claims_of(agent)
    told = Claims.model_validate({**claims, "exp": 0.0}).to_caller()
    assert set(told.fields) == set(caller.fields)
    assert replace(told, fields=()) == replace(caller, fields=())


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("+8613800138000", "138****8000"),
        ("138 0013 8000", "138****8000"),
        ("+49 30 901820", "+49****1820"),
        ("zhang@example.com", "z***@example.com"),
        ("张@例子.中国", "张***@例子.中国"),
        ("11010519491231002X", "110****002X"),
        ("王芳", "王**"),
        ("欧阳修", "欧**"),
        ("𠮷野", "𠮷**"),
        ("", "**"),
        (None, None),
        (12, None),
        (True, None),
        (["a"], []),
        ({"city": "杭州"}, None),
    ],
)
async def test_masks_fit_what_they_mask(value: Any, left: Any) -> None:
    assert masked(value) == left


async def test_masks_are_the_same_in_the_database(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    names = ["+8613800138000", "zhang@example.com", "11010519491231002X", "𠮷野", "a b", "王 芳"]
    records = [await enter(client, name=name) for name in names]
    async with service.as_(ruled(agent, name="masked")) as other:
        shown = [(await other.get(f"/v1/people/{record['id']}")).json()["name"] for record in records]
    assert shown == [masked(name) for name in names]
