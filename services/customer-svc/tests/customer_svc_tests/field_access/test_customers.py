"""Rules of members hold for customers and communications, in the pool and in searches too."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx

from crm_platform.context import Caller, FieldLevel, FieldRule, Visibility
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService

BODY = {
    "name": "上海观心科技有限公司",
    "phone": "13800138000",
    "registration_id": "91110000600037341L",
    "credit_limit": {"amount": "100", "currency": "CNY"},
    "employees": 120,
}
LEFT = {"phone": "138****8000", "registration_id": "911****341L", "employees": None}


def ruled(agent: Caller, visibility: Visibility = "all", **rules: FieldLevel) -> Caller:
    fields = tuple(FieldRule("customers", name, level) for name, level in rules.items())
    return replace(colleague(agent, visibility=visibility, team_ids=[uuid4()]), fields=fields)


async def enter(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    made = await client.post("/v1/customers", params={"allow_duplicates": "true"}, json={**BODY, **more})
    assert made.status_code == 201, made.text
    customer: dict[str, Any] = made.json()
    return customer


async def test_customers_show_what_is_left_of_them(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    customer = await enter(client)
    limited = ruled(agent, phone="masked", registration_id="masked", employees="masked", credit_limit="hidden")
    expected = {name: value for name, value in (customer | LEFT).items() if name != "credit_limit"}
    async with service.as_(limited) as other:
        assert (await other.get(f"/v1/customers/{customer['id']}")).json() == expected
        assert (await other.get("/v1/customers")).json()["items"] == [expected]
        for query in (
            {"phone": "13800138000"},
            {"filter": "credit_limit.amount > 1"},
            {"filter": "phone == '13800138000'"},
        ):
            answer = await other.get("/v1/customers", params=query)
            assert (answer.status_code, answer.json()["code"]) == (403, "member_not_seen")
            assert len((await client.get("/v1/customers", params=query)).json()["items"]) == 1
        tag = {"if-match": '"1"'}
        path = f"/v1/customers/{customer['id']}"
        changed = await other.patch(path, json={"industry": "软件"}, headers=tag)
        refused = await other.patch(path, json={"credit_limit": None}, headers={"if-match": '"2"'})
        batch = await other.post(
            "/v1/customers/batch", json={"items": [{"name": "甲"}, {"name": "乙", "employees": 2}]}
        )

    assert (changed.status_code, changed.json()["phone"], "credit_limit" in changed.json()) == (
        200,
        "138****8000",
        False,
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "member_not_editable")
    assert [one["status"] for one in batch.json()["results"]] == ["created", "failed"]
    assert batch.json()["results"][1]["problem"]["code"] == "member_not_editable"


async def test_in_the_pool_both_hide(client: httpx.AsyncClient, service: RunningService, agent: Caller) -> None:
    pooled = await enter(client, owner_id=None, team_id=None)
    async with service.as_(ruled(agent, "own", name="masked", employees="hidden")) as other:
        (seen,) = (await other.get("/v1/customers")).json()["items"]
        claim = await other.post(f"/v1/customers/{pooled['id']}/claim")
    async with service.as_(ruled(agent, "own", owner_id="read")) as other:
        refused = await other.post(f"/v1/customers/{(await enter(client, owner_id=None, team_id=None))['id']}/claim")

    assert (seen["name"], seen["phone"], "employees" in seen) == ("上**", None, False)
    assert (claim.json()["phone"], claim.json()["name"]) == ("+8613800138000", "上**")
    assert refused.status_code == 200  # it is the caller who becomes the owner


async def test_words_are_not_searched_in_what_is_hidden(service: RunningService, agent: Caller) -> None:
    blind = replace(colleague(agent), fields=(FieldRule("communications", "content", "hidden"),))
    async with service.as_(blind) as other:
        answer = await other.get("/v1/communications", params={"q": "价格"})
        plain = await other.get("/v1/communications")

    assert (answer.status_code, answer.json()["code"], plain.status_code) == (403, "member_not_seen", 200)
    assert "`content`" in answer.json()["detail"]
