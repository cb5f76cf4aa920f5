import httpx
import pytest


@pytest.fixture
async def customers(client: httpx.AsyncClient) -> list[str]:
    items = [
        {
            "name": f"Company {n:02}",
            "grade": "ABCD"[n % 4],
            "annual_revenue": {"amount": str(n * 100), "currency": "CNY"},
        }
        for n in range(25)
    ]
    answer = await client.post("/v1/customers/batch", json={"items": items})
    return [result["id"] for result in answer.json()["results"]]


@pytest.mark.parametrize(
    "sort", ["name", "-name", "created_at", "-created_at", "status,-name", "status,name,-updated_at", "id", "-id"]
)
async def test_walking_the_pages_visits_every_record_once(
    client: httpx.AsyncClient, customers: list[str], sort: str
) -> None:
    everything = (await client.get("/v1/customers", params={"sort": sort, "limit": 200})).json()["items"]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(10):
        page = (await client.get("/v1/customers", params={"sort": sort, "limit": 7, **cursor})).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert seen == [item["id"] for item in everything]
    assert sorted(seen) == sorted(customers)


async def test_a_cursor_is_bound_to_its_sort_and_filter(client: httpx.AsyncClient, customers: list[str]) -> None:
    assert len(customers) == 25
    page = (await client.get("/v1/customers", params={"sort": "name", "limit": 2})).json()

    for other in ({"sort": "-name"}, {"sort": "name", "filter": "grade == 'A'"}):
        answer = await client.get("/v1/customers", params={"cursor": page["next_cursor"], "limit": 2, **other})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("grade == 'A'", 7),
        ("grade in ['A', 'B'] && annual_revenue.amount >= 1000", 7),
        ("!(name.startsWith('Company 0'))", 15),
        ("annual_revenue.amount > 2399.99", 1),
        ("industry == null", 25),
        ("name.contains('%')", 0),
    ],
)
async def test_a_filter_chooses_records(client: httpx.AsyncClient, customers: list[str], text: str, count: int) -> None:
    assert len(customers) == 25
    answer = await client.get("/v1/customers", params={"filter": text, "count": "exact", "limit": 1})

    assert answer.status_code == 200, answer.text
    assert answer.json()["count"] == {"value": count, "relation": "eq"}


async def test_fields_choose_members(client: httpx.AsyncClient, customers: list[str]) -> None:
    assert len(customers) == 25
    page = (await client.get("/v1/customers", params={"fields": "name,grade", "sort": "name", "limit": 1})).json()

    assert page["items"] == [{"grade": "A", "name": "Company 00"}]


async def test_a_batch_writes_what_is_sound_and_reports_the_rest(client: httpx.AsyncClient) -> None:
    taken = {"system": "erp", "external_id": "C-1"}
    await client.post("/v1/customers", json={"name": "First", "external_refs": [taken]})
    items = [
        {"name": "Sound"},
        {"name": ""},
        {"name": "Taken", "external_refs": [taken]},
        "not even an object",
        {"name": "Also sound"},
    ]

    answer = await client.post("/v1/customers/batch", json={"items": items})

    body = answer.json()
    assert [(result["index"], result["status"]) for result in body["results"]] == [
        (0, "created"),
        (1, "failed"),
        (2, "failed"),
        (3, "failed"),
        (4, "created"),
    ]
    assert (body["created"], body["updated"], body["unchanged"], body["failed"]) == (2, 0, 0, 3)
    assert body["results"][1]["problem"]["errors"][0]["pointer"] == "/name"
    assert body["results"][2]["problem"]["status"] == 409
    page = (await client.get("/v1/customers", params={"sort": "name"})).json()
    assert [item["name"] for item in page["items"]] == ["Also sound", "First", "Sound"]


async def test_an_upsert_batch_run_again_changes_nothing(client: httpx.AsyncClient) -> None:
    items = [{"name": f"Company {n}", "external_refs": [{"system": "erp", "external_id": str(n)}]} for n in range(3)]
    body = {"items": items, "mode": "upsert"}

    first = (await client.post("/v1/customers/batch", json=body)).json()
    again = (await client.post("/v1/customers/batch", json=body)).json()
    items[1]["name"] = "Renamed"
    third = (await client.post("/v1/customers/batch", json=body)).json()

    assert (first["created"], again["unchanged"]) == (3, 3)
    assert [result["status"] for result in third["results"]] == ["unchanged", "updated", "unchanged"]
    assert [result["id"] for result in again["results"]] == [result["id"] for result in first["results"]]


async def test_a_batch_has_at_most_a_thousand_items(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/customers/batch", json={"items": [{"name": "x"}] * 1001})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/items"
