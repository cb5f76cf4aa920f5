from typing import Any

import httpx
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from sales_svc_tests.support import at, batch, posted, problems, told

GTX: dict[str, Any] = {
    "code": "GTX-1",
    "name": "  数据网关 ",
    "series": "GTX",
    "list_price": {"amount": "550.00", "currency": "CNY"},
}


async def test_a_new_product_is_shown_as_it_was_entered(client: httpx.AsyncClient, agent: Caller) -> None:
    answer = await client.post("/v1/products", json=GTX)

    product = answer.json()
    assert product == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": product["created_at"],
        "updated_by": agent.actor,
        "code": "GTX-1",
        "name": "数据网关",
        "series": "GTX",
        "list_price": {"amount": "550", "currency": "CNY"},
        "active": True,
    }
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert (await client.get(answer.headers["location"])).json() == product
    listed = (await client.get("/v1/products", params={"filter": "code == 'GTX-1' && active"})).json()
    assert listed["items"] == [product]


async def test_a_code_names_one_product(client: httpx.AsyncClient, service: RunningService) -> None:
    first = await posted(client, "/v1/products", GTX)
    other = await posted(client, "/v1/products", GTX | {"code": "GTX-2"})

    again = await client.post("/v1/products", json=GTX, headers={"accept-language": "zh-CN"})
    renamed = await client.patch(f"/v1/products/{other['id']}", json={"code": first["code"]}, headers=at(1))

    assert (again.status_code, again.json()["code"]) == (409, "product_code_taken")
    assert again.json()["detail"] == "已有其他产品使用编码“GTX-1”。"
    assert (renamed.status_code, renamed.json()["code"]) == (409, "product_code_taken")
    assert await told(service) == [("product.created", 1), ("product.created", 1)]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"list_price": {"amount": "-0.01", "currency": "CNY"}}, "/list_price", "greater_than_equal"),
        ({"list_price": {"amount": "1", "currency": "cny"}}, "/list_price/currency", "string_pattern_mismatch"),
        ({"list_price": None}, "/list_price", "model_attributes_type"),
        ({"code": " "}, "/code", "string_too_short"),
        ({"name": None}, "/name", "string_type"),
        ({"colour": "red"}, "/colour", "extra_forbidden"),
    ],
)
async def test_a_product_that_does_not_fit_the_schema_is_refused(
    client: httpx.AsyncClient, service: RunningService, change: dict[str, Any], pointer: str, code: str
) -> None:
    product = await posted(client, "/v1/products", GTX)

    entered = await client.post("/v1/products", json=GTX | {"code": "other"} | change)
    patched = await client.patch(f"/v1/products/{product['id']}", json=change, headers=at(1))

    for answer in (entered, patched):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_payload")
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert await told(service) == [("product.created", 1)]


async def test_a_change_needs_the_version_it_is_based_on(client: httpx.AsyncClient, service: RunningService) -> None:
    product = await posted(client, "/v1/products", GTX)
    path, change = f"/v1/products/{product['id']}", {"series": None}

    without = await client.patch(path, json=change)
    right = await client.patch(path, json=change, headers=at(1))
    stale = await client.patch(path, json=change, headers=at(1))
    nothing = await client.patch(path, json=change, headers=at(2))

    assert (without.status_code, without.json()["code"]) == (428, "precondition_required")
    assert right.json() == product | {"version": 2, "series": None, "updated_at": right.json()["updated_at"]}
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    assert (nothing.status_code, nothing.headers["etag"]) == (200, '"2"')
    assert await told(service) == [("product.created", 1), ("product.updated", 2)]


async def test_a_product_is_taken_out_of_sale_and_put_back(client: httpx.AsyncClient, service: RunningService) -> None:
    product = await posted(client, "/v1/products", GTX)
    path = f"/v1/products/{product['id']}"

    out = await client.post(f"{path}/deactivate", json={"reason": "停产"}, headers=at(1))
    again = await client.post(f"{path}/deactivate", json={}, headers=at(2))
    back = await client.post(f"{path}/activate", json={}, headers=at(2))

    assert [answer.json()["active"] for answer in (out, again, back)] == [False, False, True]
    assert [answer.headers["etag"] for answer in (out, again, back)] == ['"2"', '"2"', '"3"']
    reasons = await service.sql("SELECT reason FROM audit_entries ORDER BY id")
    assert [row["reason"] for row in reasons] == [None, "停产", None]


async def test_an_import_brings_products_up_to_date_by_code(client: httpx.AsyncClient, service: RunningService) -> None:
    known = await posted(client, "/v1/products", GTX)
    same = {"code": "GTX-1", "name": "数据网关"}
    new = GTX | {"code": "MG-1"}
    dear = new | {"list_price": {"amount": "-1", "currency": "CNY"}}

    first = await batch(client, "/v1/products", [GTX, new, dear, new | {"name": "再来一次"}], "upsert")
    second = await batch(client, "/v1/products", [GTX | {"name": "网关"}, GTX | {"active": False}], "upsert")
    create = await batch(client, "/v1/products", [GTX, GTX | {"code": "MG-2"}, GTX | {"code": "MG-2"}])
    incomplete = await batch(client, "/v1/products", [same], "upsert")

    assert [result["status"] for result in first["results"]] == ["unchanged", "created", "failed", "updated"]
    assert first["results"][0]["id"] == known["id"]
    assert first["results"][1]["id"] == first["results"][3]["id"]
    assert problems(first) == [None, None, "invalid_payload", None]
    assert [result["status"] for result in second["results"]] == ["updated", "updated"]
    assert [result["version"] for result in second["results"]] == [2, 3]
    assert problems(create) == ["product_code_taken", None, "product_code_taken"]
    assert problems(incomplete) == ["invalid_payload"]
    shown = (await client.get(f"/v1/products/{known['id']}")).json()
    assert (shown["name"], shown["active"]) == ("数据网关", False)
    assert await told(service) == [
        ("product.created", 1),
        ("product.created", 1),
        ("product.updated", 2),
        ("product.updated", 2),
        ("product.updated", 3),
        ("product.created", 1),
    ]


async def test_a_repeated_request_returns_the_first_answer(client: httpx.AsyncClient, service: RunningService) -> None:
    key = {"idempotency-key": "product-1"}

    first = await client.post("/v1/products", json=GTX, headers=key)
    again = await client.post("/v1/products", json=GTX, headers=key)
    other = await client.post("/v1/products", json=GTX | {"code": "GTX-2"}, headers=key)

    assert (again.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await told(service) == [("product.created", 1)]


async def test_reading_does_not_entitle_to_write(service: RunningService, agent: Caller) -> None:
    async with service.as_(colleague(agent, "products:read", "orders:*")) as reader:
        listed = await reader.get("/v1/products")
        refused = await reader.post("/v1/products", json=GTX)
    async with service.as_(None) as anonymous:
        unknown = await anonymous.get("/v1/products")

    assert (listed.status_code, listed.json()["items"]) == (200, [])
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (unknown.status_code, unknown.json()["code"]) == (401, "unauthenticated")
    assert await told(service) == []
