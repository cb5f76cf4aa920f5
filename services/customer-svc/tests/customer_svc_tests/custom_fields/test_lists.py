import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.custom_fields.support import REGIONS, acted, choices, defined, entered, listed, patched


async def several(api: httpx.AsyncClient) -> None:
    await defined(api, "region", "choice", choices=choices(*REGIONS))
    await defined(api, "level", "number")
    await defined(api, "budget", "money")
    await defined(api, "since", "date")
    await defined(api, "tags", "multi_choice", choices=choices(*REGIONS))
    await entered(
        api,
        "Alpha",
        region="华东",
        level=2,
        budget={"amount": "5", "currency": "CNY"},
        since="2024-01-01",
        tags=["华东"],
    )
    await entered(
        api, "Birch", region="华南", level=10.5, budget={"amount": "40", "currency": "USD"}, since="2023-01-01"
    )
    await entered(api, "Cedar", level=-1)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('custom.region == "华东"', ["Alpha"]),
        ('custom.region != "华东"', ["Birch", "Cedar"]),
        ("custom.region == null", ["Cedar"]),
        ('custom.region in ["华东", "华南"]', ["Alpha", "Birch"]),
        ("custom.level > 2", ["Birch"]),
        ("custom.level <= 2", ["Alpha", "Cedar"]),
        ("custom.level + 1 == 3", ["Alpha"]),
        ('custom.budget.amount > 4 && custom.budget.currency == "CNY"', ["Alpha"]),
        ('custom.since < date("2023-06-01")', ["Birch"]),
        ('"华东" in custom.tags', ["Alpha"]),
        ("size(custom.tags) == 0", ["Birch", "Cedar"]),
    ],
)
async def test_lists_are_filtered_by_custom_fields_of_every_type(
    api: httpx.AsyncClient, expression: str, expected: list[str]
) -> None:
    await several(api)

    assert await listed(api, filter=expression) == expected


async def test_lists_are_sorted_by_custom_fields_and_walked_page_by_page(api: httpx.AsyncClient) -> None:
    await several(api)

    found: list[str] = []
    params = {"sort": "-custom.level", "limit": "1", "fields": "name"}
    while True:
        page = (await api.get("/v1/customers", params=params)).json()
        found += [item["name"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]

    assert found == ["Birch", "Alpha", "Cedar"]
    assert await listed(api, sort="custom.since") == ["Cedar", "Birch", "Alpha"]
    assert await listed(api, sort="-custom.budget.amount") == ["Birch", "Alpha", "Cedar"]


async def test_single_custom_fields_are_chosen(api: httpx.AsyncClient) -> None:
    await several(api)

    answer = await api.get("/v1/customers", params={"sort": "name", "fields": "name,custom.region"})

    assert answer.json()["items"] == [
        {"name": "Alpha", "custom": {"region": "华东"}},
        {"name": "Birch", "custom": {"region": "华南"}},
        {"name": "Cedar", "custom": {}},
    ]


async def test_a_field_that_nobody_defined_is_refused_by_name(api: httpx.AsyncClient) -> None:
    await several(api)

    for params in ({"filter": "custom.regoin == 'x'"}, {"sort": "custom.regoin"}, {"fields": "custom.regoin"}):
        answer = await api.get("/v1/customers", params=params)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
        assert "custom.region" in answer.json()["detail"]


async def test_a_retired_field_is_hidden_and_its_values_come_back(
    api: httpx.AsyncClient, shared: RunningService, who: Caller
) -> None:
    field = await defined(api, "level", "number")
    made = await entered(api, "Alpha", level=2)

    retired = await acted(api, field, "retire")
    changed = await patched(api, "customers", made, short_name="A")
    refused = await patched(api, "customers", changed.json(), custom={"level": 3})

    assert (retired["status"], changed.json()["custom"]) == ("retired", {})
    assert refused.json()["errors"][0]["code"] == "retired_field"
    assert (await api.get("/v1/customers", params={"filter": "custom.level == 2"})).status_code == 400
    assert (await api.get(f"/v1/customers/{made['id']}")).json()["custom"] == {}
    await acted(api, retired, "restore")
    assert await listed(api, filter="custom.level == 2") == ["Alpha"]
    types = await shared.sql(
        "SELECT type FROM outbox WHERE tenant_id = $1 AND topic = 'crm.custom_field.v1' ORDER BY id", who.tenant_id
    )
    assert [row["type"] for row in types] == ["custom_field.created", "custom_field.retired", "custom_field.restored"]


async def test_a_field_is_renamed_and_a_choice_retired_without_touching_values(api: httpx.AsyncClient) -> None:
    field = await defined(api, "region", "choice", choices=choices(*REGIONS))
    made = await entered(api, "Alpha", region="华东")
    others = choices(*REGIONS)
    others[0]["retired"] = True

    renamed = await patched(api, "custom-fields", field, label={"en": "Area", "zh": "区域"}, choices=others)
    kept = await patched(api, "customers", made, short_name="A")
    refused = await api.post("/v1/customers", json={"name": "Birch", "custom": {"region": "华东"}})
    removed = await patched(api, "custom-fields", renamed.json(), choices=choices(*REGIONS[1:]))

    assert kept.json()["custom"] == {"region": "华东"}
    assert refused.json()["errors"][0]["code"] == "retired_choice"
    assert removed.json()["errors"][0]["code"] == "choice_removed"


async def moved_on(shared: RunningService, who: Caller, change: str = "maximum = '10'") -> None:
    """What another process does to the definitions, of which this one hears nothing."""
    await shared.sql(f"UPDATE custom_fields SET {change} WHERE tenant_id = $1", who.tenant_id)
    await shared.sql("UPDATE custom_field_revisions SET revision = revision + 1 WHERE tenant_id = $1", who.tenant_id)


async def test_what_is_written_after_another_look_at_the_definitions_is_whole(
    api: httpx.AsyncClient, shared: RunningService, who: Caller
) -> None:
    await defined(api, "level", "number")
    await entered(api, "Alpha", level=5)
    phone = {"phones": [{"number": "13800138000"}], "custom": {"level": 5}}

    await moved_on(shared, who)
    one = await api.post("/v1/customers", json={"name": "Birch", **phone})
    await moved_on(shared, who)
    many = await api.post("/v1/customers/batch?allow_duplicates=true", json={"items": [{"name": "Cedar", **phone}]})

    assert (one.status_code, many.json()["created"]) == (201, 1)
    items = (await api.get("/v1/customers", params={"sort": "name", "fields": "phone,custom,version"})).json()["items"]
    assert [(item["version"], item["custom"], item["phone"]) for item in items] == [
        (1, {"level": 5}, phone) for phone in (None, "+8613800138000", "+8613800138000")
    ]


async def test_a_process_that_knows_old_definitions_writes_by_the_new_ones(
    api: httpx.AsyncClient, shared: RunningService, who: Caller
) -> None:
    await defined(api, "level", "number")
    made = await entered(api, "Alpha", level=50)
    await moved_on(shared, who)

    entering = await api.post("/v1/customers", json={"name": "Birch", "custom": {"level": 50}})
    batch = await api.post("/v1/customers/batch", json={"items": [{"name": "Cedar", "custom": {"level": 51}}]})
    changing = await patched(api, "customers", made, custom={"level": 52})
    keeping = await patched(api, "customers", made, short_name="A")

    assert entering.json()["errors"][0]["code"] == "too_large"
    assert batch.json()["failed"] == 1
    assert changing.json()["errors"][0]["code"] == "too_large"
    assert keeping.json()["custom"] == {"level": 50}
    assert await listed(api) == ["Alpha"]
