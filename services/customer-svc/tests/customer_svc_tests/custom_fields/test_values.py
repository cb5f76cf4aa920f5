from typing import Any

import httpx
import orjson

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.custom_fields.support import REGIONS, choices, defined, entered, listed, patched, wrong

ALL = {
    "note": "高优先级",
    "level": 12.5,
    "budget": {"amount": "1200.5", "currency": "CNY"},
    "since": "2024-02-29",
    "vip": True,
    "region": "华东",
    "regions": ["华东", "华北"],
}


async def all_types(api: httpx.AsyncClient) -> None:
    await defined(api, "note", "text", max_length=20, pattern="[高中低].*")
    await defined(api, "level", "number", minimum="0", maximum="100", decimals=1)
    await defined(api, "budget", "money")
    await defined(api, "since", "date", minimum="2000-01-01")
    await defined(api, "vip", "boolean")
    await defined(api, "region", "choice", choices=choices(*REGIONS))
    await defined(api, "regions", "multi_choice", choices=choices(*REGIONS))
    await defined(api, "partner", "reference", target="customers")


async def test_each_type_is_kept_told_and_put_on_record_as_it_was_given(
    api: httpx.AsyncClient, shared: RunningService, who: Caller
) -> None:
    await all_types(api)
    partner = await entered(api, "阳光贸易")

    made = await entered(api, "晨星科技", **{**ALL, "regions": ["华北", "华东"]}, partner=partner["id"])

    expected = {**ALL, "partner": partner["id"]}
    assert made["custom"] == expected
    assert (await api.get(f"/v1/customers/{made['id']}")).json()["custom"] == expected
    (row,) = await shared.sql(
        "SELECT payload FROM outbox WHERE tenant_id = $1 AND aggregate_id = $2", who.tenant_id, made["id"]
    )
    assert orjson.loads(row["payload"])["state"]["custom"] == expected
    (entry,) = await shared.sql("SELECT after FROM audit_entries WHERE aggregate_id = $1", made["id"])
    assert orjson.loads(entry["after"])["custom"] == expected


async def test_a_merge_patch_changes_the_fields_that_it_names(api: httpx.AsyncClient) -> None:
    await all_types(api)
    made = await entered(api, "晨星科技", **ALL)

    answer = await patched(api, "customers", made, custom={"vip": None, "level": 3})

    expected = {key: value for key, value in {**ALL, "level": 3}.items() if key != "vip"}
    assert answer.json()["custom"] == expected
    again = await patched(api, "customers", answer.json(), custom={"level": 3.0})
    assert (again.json()["version"], again.json()["custom"]) == (2, expected)


async def test_every_wrong_value_is_named_by_its_pointer_and_rule(api: httpx.AsyncClient) -> None:
    await all_types(api)
    bad: dict[str, Any] = {
        "note": "其他",
        "level": 100.5,
        "budget": {"amount": "x", "currency": "CNY"},
        "since": "1999-12-31",
        "vip": "yes",
        "region": "西北",
        "regions": ["华东", "西北"],
        "partner": "0198f000-0000-7000-8000-000000000000",
        "no/such": 1,
    }

    answer = await api.post("/v1/customers", json={"name": "晨星科技", "custom": bad})

    assert wrong(answer) == [
        ("/custom/budget", "money_type"),
        ("/custom/level", "too_large"),
        ("/custom/note", "string_pattern_mismatch"),
        ("/custom/no~1such", "unknown_field"),
        ("/custom/partner", "unknown_reference"),
        ("/custom/region", "unknown_choice"),
        ("/custom/regions", "unknown_choice"),
        ("/custom/since", "too_small"),
        ("/custom/vip", "bool_type"),
    ]
    assert await listed(api) == []
    chinese = await api.post(
        "/v1/customers", json={"name": "晨星科技", "custom": {"level": -1}}, headers={"accept-language": "zh"}
    )
    assert [error["detail"] for error in chinese.json()["errors"]] == ["应不小于 0"]


async def test_required_fields_and_defaults(api: httpx.AsyncClient) -> None:
    await defined(api, "code", "text", required=True)
    await defined(api, "level", "number", default=1)

    missing = await api.post("/v1/customers", json={"name": "晨星科技"})
    made = await entered(api, "阳光贸易", code="A-1")
    emptied = await patched(api, "customers", made, custom={"code": None})

    assert wrong(missing) == [("/custom/code", "missing")]
    assert made["custom"] == {"code": "A-1", "level": 1}
    assert wrong(emptied) == [("/custom/code", "missing")]


async def test_a_batch_tells_of_each_item(api: httpx.AsyncClient) -> None:
    await defined(api, "level", "number", maximum="10")
    items = [{"name": "晨星科技", "custom": {"level": 7}}, {"name": "阳光贸易", "custom": {"level": 70}}]

    results = (await api.post("/v1/customers/batch", json={"items": items})).json()["results"]

    assert [result["status"] for result in results] == ["created", "failed"]
    assert results[1]["problem"]["errors"][0]["pointer"] == "/custom/level"
    assert await listed(api, filter="custom.level == 7") == ["晨星科技"]


async def test_exports_have_a_column_for_each_field(api: httpx.AsyncClient) -> None:
    await all_types(api)
    await entered(api, "晨星科技", **ALL)
    await entered(api, "阳光贸易")

    columns = "name,custom.level,custom.budget,custom.since,custom.vip,custom.regions"
    lines = (await api.get("/v1/exports/customers", params={"format": "jsonl", "columns": columns})).text.splitlines()
    header = (await api.get("/v1/exports/customers", params={"columns": "name,custom.level"})).text.splitlines()[0]
    whole = (await api.get("/v1/exports/customers", params={"format": "jsonl"})).text.splitlines()[0]
    unknown = await api.get("/v1/exports/customers", params={"columns": "custom.nothing"})

    first = {"custom.level": 12.5, "custom.budget": "CNY 1200.5", "custom.since": "2024-02-29", "custom.vip": True}
    assert orjson.loads(lines[0]) == {"name": "晨星科技", **first, "custom.regions": "华东 | 华北"}
    assert set(orjson.loads(lines[1]).values()) == {"阳光贸易", None}
    assert header.lstrip("\ufeff") == "Name,Level"
    assert orjson.loads(whole)["custom.note"] == "高优先级"
    assert (unknown.status_code, unknown.json()["code"]) == (400, "unknown_column")
