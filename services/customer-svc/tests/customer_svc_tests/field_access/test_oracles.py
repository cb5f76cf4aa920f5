"""What field rules hide is not found out by asking: duplicates, segments, filters, owners, counts, merges."""

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from crm_platform.context import Caller, FieldLevel, FieldRule
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE

KNOWN = {"name": "上海观心科技有限公司", "phone": "13800138000", "emails": [{"address": "hi@guanxin.cn"}]}
GUESS = {"name": "Lantern Foods Oy", "phone": "13800138000"}
ALIKE = {"name": "上海观心科技有限公司"}


@pytest.fixture(scope="module")
async def service(start_shared_service: StartService) -> RunningService:
    return await start_shared_service(SERVICE)


def ruled(agent: Caller, **rules: FieldLevel) -> Caller:
    return replace(colleague(agent), fields=tuple(FieldRule("customers", name, level) for name, level in rules.items()))


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status and code, and the member that a refusal names."""
    problem = answer.json()
    named = re.search("`(.*?)`", problem["detail"])
    return answer.status_code, problem["code"], named[1] if named else None


UNSEEN = (403, "member_not_seen")


async def candidates(client: httpx.AsyncClient, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.post("/v1/customers/duplicates/check", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["candidates"]
    return found


async def test_duplicates_do_not_tell_of_hidden_members(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    known = (await client.post("/v1/customers", json=KNOWN)).json()
    (told,) = await candidates(client, KNOWN)
    assert {reason["field"] for reason in told["reasons"]} >= {"name", "phone", "email"}

    async with service.as_(ruled(agent, phone="hidden", phones="masked", emails="hidden")) as blind:
        assert await candidates(blind, GUESS) == []
        (by_name,) = await candidates(blind, KNOWN)
    assert (by_name["id"], by_name["name"]) == (known["id"], KNOWN["name"])
    assert not {reason["field"] for reason in by_name["reasons"]} & {"phone", "email"}
    assert "13800138000" not in str(by_name)
    levels: dict[FieldLevel, str | None] = {"masked": "上**", "hidden": None}
    for level, left in levels.items():
        async with service.as_(ruled(agent, name=level)) as blind:
            (by_phone,) = [one for one in await candidates(blind, KNOWN) if one["id"] == known["id"]]
            assert await candidates(blind, ALIKE) == []
        assert by_phone["name"] == left


async def test_segments_and_rules_read_only_what_their_maker_sees(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    words = {"en": "?", "zh": "?"}
    rule = {"code": "limit", "label": words, "message": words, "expression": "credit_limit.amount > 10.0"}
    async with service.as_(ruled(agent, credit_limit="hidden", grade="masked", industry="read")) as blind:
        for expression, member in (
            ("credit_limit.amount > 1000.0", "credit_limit"),
            ("industry == '软件' || grade == 'A'", "grade"),
        ):
            answer = await blind.post("/v1/segments", json={"name": "甲", "expression": expression})
            assert refusal(answer) == (*UNSEEN, member)
            preview = await blind.get("/v1/segments/preview", params={"filter": expression, "count": "exact"})
            assert refusal(preview) == (*UNSEEN, member)
        assert refusal(await blind.post("/v1/quality-rules", json=rule)) == (*UNSEEN, "credit_limit")
        made = await blind.post("/v1/segments", json={"name": "甲", "expression": "industry == '软件'"})
        changed = await blind.patch(
            f"/v1/segments/{made.json()['id']}", json={"expression": "grade == 'A'"}, headers={"if-match": '"1"'}
        )
    assert made.status_code == 201
    assert refusal(changed) == (*UNSEEN, "grade")
    assert [one["name"] for one in (await client.get("/v1/segments")).json()["items"]] == ["甲"]
    assert (await client.get("/v1/quality-rules")).json()["items"] == []


async def test_what_is_hidden_is_not_explained(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    customer = (await client.post("/v1/customers", json={"name": "远帆", "grade": "A", "industry": "软件"})).json()
    made = {
        name: (await client.post("/v1/segments", json={"name": name, "expression": text})).json()["id"]
        for name, text in (("open", "industry == '软件'"), ("secret", "grade == 'A'"))
    }
    path = f"/v1/customers/{customer['id']}/segments"
    async with service.as_(ruled(agent, grade="masked")) as blind:
        every = (await blind.get(path)).json()["items"]
        one = await blind.get(path, params={"segment_id": made["secret"]})
        other = await blind.get(path, params={"segment_id": made["open"]})

    assert [(item["name"], item["explanation"] is None) for item in every] == [("open", False), ("secret", True)]
    assert refusal(one) == (*UNSEEN, "grade")
    assert other.json()["items"][0]["explanation"]["truth"] is True
    assert all(item["explanation"] for item in (await client.get(path)).json()["items"])


async def test_lists_owners_and_bulk_actions_do_not_tell_either(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    customer = (await client.post("/v1/customers", json={"name": "远帆", "grade": "A"})).json()
    owners = f"/v1/customers/{customer['id']}/owners"
    bulk = {"filter": "grade == 'A'", "expected": 7, "change": {"action": "delete"}}
    async with service.as_(ruled(agent, grade="hidden", name="masked", owner_id="masked")) as blind:
        for query, member in (
            ({"filter": "grade == 'A'"}, "grade"),
            ({"filter": "owner_id == '00000000-0000-7000-8000-000000000001'"}, "owner_id"),
            ({"sort": "-name"}, "name"),
            ({"fields": "id,grade"}, "grade"),
        ):
            assert refusal(await blind.get("/v1/customers", params=query)) == (*UNSEEN, member)
        assert refusal(await blind.get(owners)) == (*UNSEEN, "owner_id")
        assert refusal(await blind.post("/v1/customers/bulk", json=bulk)) == (*UNSEEN, "grade")

    assert (await client.get(owners)).status_code == 200
    counted = await client.post("/v1/customers/bulk", json=bulk)
    assert (counted.status_code, counted.json()["code"]) == (409, "unexpected_count")


async def test_a_merge_shows_what_the_caller_sees(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    survivor = (await client.post("/v1/customers", json={"name": "远帆科技", "industry": "软件"})).json()
    other = (await client.post("/v1/customers", json={"name": "Matanga Oy", "employees": 7, "grade": "B"})).json()
    body = {"absorbed": [{"id": other["id"], "version": 1}]}
    path, tag = f"/v1/customers/{survivor['id']}/merge", {"if-match": '"1"'}
    async with service.as_(ruled(agent, employees="hidden", name="masked")) as blind:
        tried = await blind.post(path, json=body | {"dry_run": True}, headers=tag)
        refused = await blind.post(path, json=body, headers=tag)
    async with service.as_(ruled(agent, source="hidden", status_note="masked")) as blind:
        done = await blind.post(path, json=body, headers=tag)

    assert (tried.status_code, tried.json()["customer"]["name"], "employees" in tried.json()["customer"]) == (
        200,
        "远**",
        False,
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "member_not_editable")
    shown = done.json()["customer"]
    assert (done.status_code, shown["employees"], shown["version"], "source" in shown) == (200, 7, 2, False)
