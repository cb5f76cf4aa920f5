"""What definitions say, and what is refused of them."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from crm_platform.context import Caller, FieldRule
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.custom_fields.support import REGIONS, acted, choices, defined, entered, listed, patched, wrong


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"key": "in", "type": "text"}, [("/key", "reserved")]),
        ({"type": "choice"}, [("/choices", "missing")]),
        ({"type": "formula"}, [("/expression", "missing")]),
        ({"type": "text", "minimum": "1"}, [("/minimum", "does_not_fit")]),
        ({"type": "number", "minimum": "5", "maximum": "1"}, [("/maximum", "too_small")]),
        ({"type": "date", "minimum": "1.5.2020"}, [("/minimum", "date_type")]),
        ({"type": "text", "pattern": "(a"}, [("/pattern", "invalid_pattern")]),
        ({"type": "text", "pattern": "a)|(b"}, [("/pattern", "invalid_pattern")]),
        ({"type": "number", "default": "x"}, [("/default", "invalid_default")]),
        ({"type": "reference", "target": "planets"}, [("/target", "unknown_target")]),
        ({"type": "money", "unique": True}, [("/unique", "does_not_fit")]),
        ({"type": "choice", "choices": choices(*REGIONS, REGIONS[0])}, [("/choices", "duplicate_entry")]),
        ({"type": "formula", "expression": "nope + 1"}, [("/expression", "unknown_field")]),
        ({"type": "formula", "expression": "name + 1"}, [("/expression", "operator_types")]),
        ({"type": "formula", "expression": "custom.x + 1"}, [("/expression", "formula_cycle")]),
        ({"type": "formula", "expression": "now() > created_at"}, [("/expression", "unknown_field")]),
        ({"type": "formula", "expression": "tags"}, [("/expression", "formula_type")]),
    ],
)
async def test_a_definition_that_does_not_hold_together_is_refused(
    api: httpx.AsyncClient, body: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    label = {"en": "X", "zh": "甲"}

    answer = await api.post("/v1/custom-fields", json={"resource": "customers", "key": "x", "label": label, **body})

    assert wrong(answer) == expected
    assert (await api.get("/v1/custom-fields")).json()["items"] == []


async def test_a_cycle_of_formulas_is_refused_with_its_path(api: httpx.AsyncClient) -> None:
    first = await defined(api, "a", "formula", expression="employees + 1")
    await defined(api, "b", "formula", expression="custom.a + 1")
    await defined(api, "c", "formula", expression="custom.b + 1")

    answer = await patched(api, "custom-fields", first, expression="custom.c + 1")

    assert wrong(answer) == [("/expression", "formula_cycle")]
    assert "custom.a → custom.c → custom.b → custom.a" in answer.json()["errors"][0]["detail"]


async def test_what_a_formula_reads_stays_while_it_does(api: httpx.AsyncClient) -> None:
    price = await defined(api, "price", "number")
    formula = await defined(api, "twice", "formula", expression="custom.price * 2")

    headers = {"if-match": '"1"'}
    refused = await api.post(f"/v1/custom-fields/{price['id']}/retire", json={}, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (409, "custom_field_in_use")
    await acted(api, formula, "retire")
    assert (await acted(api, price, "retire"))["status"] == "retired"


async def test_a_key_is_given_once(api: httpx.AsyncClient) -> None:
    await acted(api, await defined(api, "level", "number"), "retire")

    again = await api.post(
        "/v1/custom-fields",
        json={"resource": "customers", "key": "level", "type": "text", "label": {"en": "L", "zh": "级"}},
    )

    assert (again.status_code, again.json()["code"]) == (409, "already_exists")


async def test_no_two_records_have_the_same_unique_value(api: httpx.AsyncClient) -> None:
    await defined(api, "code", "text", unique=True)
    await entered(api, "Alpha", code="A-1")
    await entered(api, "Birch")
    other = await entered(api, "Cedar", code="C-1")

    taken = await api.post("/v1/customers", json={"name": "Dill", "custom": {"code": "A-1"}})
    moved = await patched(api, "customers", other, custom={"code": "A-1"})
    items = [{"name": "Elm", "custom": {"code": "E-1"}}, {"name": "Fern", "custom": {"code": "A-1"}}]
    batch = (await api.post("/v1/customers/batch", json={"items": items})).json()
    at_once = await asyncio.gather(
        *(
            api.post("/v1/customers?allow_duplicates=true", json={"name": name, "custom": {"code": "X-1"}})
            for name in ("Gorse", "Hazel", "Ivy")
        )
    )

    assert [(one.status_code, one.json()["errors"][0]["pointer"]) for one in (taken, moved)] == [
        (409, "/custom/code")
    ] * 2
    assert [result["status"] for result in batch["results"]] == ["created", "failed"]
    assert sorted(one.status_code for one in at_once) == [201, 409, 409]
    assert len(await listed(api)) == 5


async def test_limits_are_told(api: httpx.AsyncClient) -> None:
    for number in range(4):
        await defined(api, f"key{number}", "text", unique=True)

    body = {
        "resource": "customers",
        "key": "one_more",
        "type": "text",
        "label": {"en": "K", "zh": "键"},
        "unique": True,
    }
    answer = await api.post("/v1/custom-fields", json=body)

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_custom_fields")


async def test_rules_about_members_hold_for_single_custom_fields(
    api: httpx.AsyncClient, shared: RunningService, who: Caller
) -> None:
    await defined(api, "level", "number", default=1)
    await defined(api, "note", "text")
    await defined(api, "secret", "text")
    made = await entered(api, "Alpha", note="王小明", secret="x", level=2)
    levels = {"secret": "hidden", "note": "masked", "level": "read"}
    rules = tuple(FieldRule("customers", f"custom.{key}", level) for key, level in levels.items())  # type: ignore[arg-type]
    scopes = ("customers:read", "customers:write")

    async with shared.as_(replace(colleague(who, *scopes), fields=rules)) as limited:
        one = (await limited.get(f"/v1/customers/{made['id']}")).json()
        asked = await limited.get("/v1/customers", params={"filter": 'custom.secret == "x"'})
        sorted_by = await limited.get("/v1/customers", params={"sort": "custom.note"})
        changed = await patched(limited, "customers", one, custom={"level": 3})
        allowed = await patched(limited, "customers", one, short_name="A")
        new = await limited.post("/v1/customers", json={"name": "Birch"})

    assert one["custom"] == {"level": 2, "note": "王**"}
    assert [(answer.status_code, answer.json()["code"]) for answer in (asked, sorted_by)] == [
        (403, "member_not_seen")
    ] * 2
    assert (changed.status_code, changed.json()["code"]) == (403, "member_not_editable")
    assert (allowed.status_code, allowed.json()["custom"]) == (200, {"level": 2, "note": "王**"})
    assert (new.status_code, new.json()["custom"]) == (201, {"level": 1})


async def test_definitions_need_their_scope_and_stay_in_the_company(
    api: httpx.AsyncClient, shared: RunningService, who: Caller
) -> None:
    field = await defined(api, "level", "number")

    async with shared.as_(colleague(who, "customers:read", "customers:write", visibility="all")) as other:
        body = {"resource": "customers", "key": "b", "type": "text", "label": {"en": "B", "zh": "乙"}}
        assert (await other.post("/v1/custom-fields", json=body)).status_code == 403
        assert (await other.get(f"/v1/custom-fields/{field['id']}")).status_code == 403


async def test_history_tells_of_each_field_and_keeps_rules(
    api: httpx.AsyncClient, shared: RunningService, who: Caller
) -> None:
    await defined(api, "level", "number")
    await defined(api, "secret", "text")
    made = await entered(api, "Alpha", secret="x", level=2)
    changed = (await patched(api, "customers", made, custom={"level": 3, "secret": None})).json()
    await patched(api, "customers", changed, short_name="A")
    path = f"/v1/customers/{made['id']}"

    last = (await api.get(f"{path}/history", params={"filter": "version == 2"})).json()["items"][0]
    of_level = (await api.get(f"{path}/history", params={"member": "custom.level"})).json()["items"]
    then = (await api.get(f"{path}/as-of", params={"at": made["created_at"]})).json()

    assert [(one["member"], one["from"], one["to"]) for one in last["changes"]] == [
        ("custom.level", 2, 3),
        ("custom.secret", "x", None),
    ]
    assert [(one["version"], one["changes"][0]["to"]) for one in of_level] == [(2, 3), (1, 2)]
    assert then["custom"] == {"level": 2, "secret": "x"}
    hidden = (FieldRule("customers", "custom.secret", "hidden"),)
    async with shared.as_(replace(colleague(who, "customers:read"), fields=hidden)) as limited:
        told = (await limited.get(f"{path}/history")).text
        past = (await limited.get(f"{path}/as-of", params={"at": made["created_at"]})).json()
    assert "secret" not in told
    assert past["custom"] == {"level": 2}


async def test_a_formula_is_hidden_in_the_pool_with_what_it_reads(
    api: httpx.AsyncClient, shared: RunningService, who: Caller
) -> None:
    await defined(api, "per_head", "formula", expression="annual_revenue.amount / employees")
    await defined(api, "half", "formula", expression="custom.per_head / 2")
    await defined(api, "twice", "formula", expression="founded_year * 2")
    await api.post("/v1/pool-rules", json={"hidden": ["figures"]})
    money = {"amount": "100", "currency": "CNY"}
    body = {
        "name": "Alpha",
        "annual_revenue": money,
        "employees": 4,
        "founded_year": 1000,
        "owner_id": None,
        "team_id": None,
    }
    made = (await api.post("/v1/customers", json=body)).json()

    async with shared.as_(colleague(who, "customers:read", visibility="own")) as other:
        seen = (await other.get(f"/v1/customers/{made['id']}")).json()
        found = (await other.get("/v1/customers", params={"filter": "custom.half > 1"})).json()["items"]
        sorting = await other.get("/v1/customers", params={"sort": "custom.half"})
        told = (await other.get(f"/v1/customers/{made['id']}/history")).json()["items"][0]["changes"]

    assert made["custom"] == {"per_head": 25, "half": 12.5, "twice": 2000}
    assert (seen["custom"], found, sorting.status_code) == ({"twice": 2000}, [], 400)
    withheld = {one["member"]: one["withheld"] for one in told if one["member"].startswith("custom.")}
    assert withheld == {"custom.per_head": "hidden", "custom.half": "hidden", "custom.twice": None}


async def test_the_openapi_document_of_a_company_names_its_fields(
    api: httpx.AsyncClient, shared: RunningService
) -> None:
    await defined(api, "level", "number", minimum="0", decimals=0, required=True)
    await defined(api, "region", "choice", choices=choices(*REGIONS))
    await defined(api, "double", "formula", expression="custom.level * 2")

    document = (await api.get("/v1/custom-fields/openapi", headers={"accept-language": "zh"})).json()
    plain = (await api.get("/openapi.json")).json()

    schemas = document["components"]["schemas"]
    level = {"title": "字段level", "type": "integer", "minimum": 0.0, "maximum": 999_999_999_999_999}
    region = {"title": "字段region", "type": "string", "enum": ["华东", "华南", "华北"]}
    given = schemas["CustomerCreate"]["properties"]["custom"]
    shown = schemas["CustomerRead"]["properties"]["custom"]["properties"]
    assert given["properties"] == {"level": level, "region": {"anyOf": [region, {"type": "null"}]}}
    assert given["additionalProperties"] is False
    assert (shown["region"], shown["double"]["readOnly"]) == (region, True)
    listing = {one["name"]: one for one in document["paths"]["/v1/customers"]["get"]["parameters"]}
    assert "custom.level" in listing["sort"]["schema"]["pattern"]
    assert "`custom.region`" in listing["filter"]["description"]
    assert "additionalProperties" in plain["components"]["schemas"]["CustomerRead"]["properties"]["custom"]
    async with shared.as_(caller()) as stranger:
        other = (await stranger.get("/v1/custom-fields/openapi")).json()
    assert other["components"]["schemas"]["CustomerRead"]["properties"]["custom"]["properties"] == {}
