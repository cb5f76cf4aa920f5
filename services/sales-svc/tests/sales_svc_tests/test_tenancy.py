from typing import Any
from uuid import uuid4

import pytest

from crm_platform.context import Caller, Visibility
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from sales_svc_tests.support import USD_100, at, posted, told, won

REF = {"system": "erp", "external_id": "O-1"}
PRODUCT = {"code": "GTX-1", "name": "网关", "list_price": USD_100}


async def test_another_tenant_finds_nothing_whatever_it_tries(service: RunningService, agent: Caller) -> None:
    async with service.as_(agent) as ours:
        product = await posted(ours, "/v1/products", PRODUCT)
        opportunity = await won(ours, str(uuid4()), USD_100, product_code="GTX-1", external_refs=[REF])
        (order,) = (await ours.get("/v1/orders")).json()["items"]
    before = await told(service)
    paths = [f"/v1/products/{product['id']}", f"/v1/opportunities/{opportunity['id']}", f"/v1/orders/{order['id']}"]
    async with service.as_(caller()) as theirs:
        lists = [
            (await theirs.get(f"/v1/{plural}", params={"count": "exact"})).json()
            for plural in ("products", "opportunities", "orders")
        ]
        answers = [await theirs.get(path) for path in paths]
        answers += [await theirs.patch(path, json={"name": "x"}, headers=at(1)) for path in paths[:2]]
        answers += [
            await theirs.post(f"{paths[0]}/deactivate", json={}, headers=at(1)),
            await theirs.post(f"{paths[1]}/win", json={"closed_on": "2026-02-10"}, headers=at(3)),
        ]
        by_id = await theirs.post("/v1/opportunities", json={"name": "x", "product_id": product["id"]})
        by_code = await theirs.post("/v1/opportunities", json={"name": "x", "product_code": "GTX-1"})
        after = await told(service)
        same_keys = [
            await theirs.post("/v1/products", json=PRODUCT),
            await theirs.post("/v1/opportunities", json={"name": "x", "external_refs": [REF]}),
        ]

    empty: dict[str, Any] = {"items": [], "next_cursor": None, "count": {"value": 0, "relation": "eq"}}
    assert lists == [empty] * 3
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 7
    assert [answer.json()["code"] for answer in (by_id, by_code)] == ["unknown_product"] * 2
    assert after == before
    assert [answer.status_code for answer in same_keys] == [201, 201]


@pytest.mark.parametrize(
    ("visibility", "names"),
    [
        ("own", {"mine", "pool"}),
        ("team", {"mine", "pool", "teammate"}),
        ("all", {"mine", "pool", "teammate", "stranger"}),
    ],
)
async def test_a_caller_sees_deals_and_orders_as_the_visibility_allows(
    service: RunningService, agent: Caller, visibility: Visibility, names: set[str]
) -> None:
    team = uuid4()
    me = colleague(agent, visibility=visibility, team_ids=[team])
    owners: dict[str, dict[str, Any]] = {
        "mine": {"owner_id": str(me.id), "team_id": None},
        "pool": {"owner_id": None, "team_id": None},
        "teammate": {"owner_id": str(uuid4()), "team_id": str(team)},
        "stranger": {"owner_id": str(uuid4()), "team_id": str(uuid4())},
    }
    deals, orders = {}, {}
    async with service.as_(agent) as client:
        for name, owner in owners.items():
            deals[name] = (await won(client, str(uuid4()), USD_100, **owner))["id"]
        for order in (await client.get("/v1/orders")).json()["items"]:
            orders[order["opportunity_id"]] = order["id"]
    async with service.as_(me) as client:
        listed = {item["id"] for item in (await client.get("/v1/opportunities")).json()["items"]}
        ordered = {item["opportunity_id"] for item in (await client.get("/v1/orders")).json()["items"]}
        shown = {n for n, id in deals.items() if (await client.get(f"/v1/opportunities/{id}")).status_code == 200}
        paid = {
            name
            for name, id in deals.items()
            if (await client.get(f"/v1/orders/{orders[id]}/payments")).status_code == 200
        }

    assert listed == ordered == {deals[name] for name in names}
    assert shown == paid == names
