import httpx
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService


async def test_a_new_customer_is_shown_as_it_was_entered(client: httpx.AsyncClient, agent: Caller) -> None:
    body = {
        "name": "  上海观心科技有限公司 ",
        "industry": "software",
        "annual_revenue": {"amount": "1200.50", "currency": "CNY"},
    }

    answer = await client.post("/v1/customers", json=body)

    assert answer.status_code == 201, answer.text
    customer = answer.json()
    assert customer == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": customer["created_at"],
        "updated_by": agent.actor,
        "owner_id": str(agent.id),
        "team_id": None,
        "kind": "company",
        "name": "上海观心科技有限公司",
        "status": "prospect",
        "grade": None,
        "industry": "software",
        "employees": None,
        "founded_year": None,
        "annual_revenue": {"amount": "1200.5", "currency": "CNY"},
        "phone": None,
        "email": None,
        "website": None,
        "address": None,
        "registration_id": None,
        "payment_terms_days": None,
        "credit_limit": None,
        "parent_id": None,
        "tags": [],
        "external_refs": [],
        "name_latin": None,
        "short_name": None,
        "size": None,
        "source": None,
        "status_reason": None,
        "status_note": None,
        "status_since": customer["created_at"],
        "phones": [],
        "emails": [],
        "addresses": [],
        "registrations": [],
        "identity_documents": [],
        "owner_since": customer["created_at"],
        "erased_at": None,
        "custom": {},
    }
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"/v1/customers/{customer['id']}"
    shown = await client.get(answer.headers["location"])
    assert shown.json() == customer
    assert shown.headers["etag"] == '"1"'


async def test_a_change_needs_the_version_it_is_based_on(client: httpx.AsyncClient, service: RunningService) -> None:
    customer = (await client.post("/v1/customers", json={"name": "Acme"})).json()
    path = f"/v1/customers/{customer['id']}"

    without = await client.patch(path, json={"grade": "A"})
    right = await client.patch(path, json={"grade": "A"}, headers={"if-match": '"1"'})
    stale = await client.patch(path, json={"grade": "B"}, headers={"if-match": '"1"'})

    assert (without.status_code, without.json()["code"]) == (428, "precondition_required")
    assert (right.status_code, right.json()["grade"], right.headers["etag"]) == (200, "A", '"2"')
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    events = await service.sql("SELECT type, version FROM outbox ORDER BY id")
    assert [tuple(row) for row in events] == [("customer.created", 1), ("customer.updated", 2)]


async def test_lists_page_by_cursor_and_filter(client: httpx.AsyncClient) -> None:
    names = ["甲公司", "乙公司", "Beta", "alpha", "Gamma"]
    answer = await client.post("/v1/customers/batch", json={"items": [{"name": name, "tags": ["x"]} for name in names]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["created"] == 5

    first = (await client.get("/v1/customers", params={"sort": "name", "limit": 3, "count": "exact"})).json()
    second = (
        await client.get("/v1/customers", params={"sort": "name", "limit": 3, "cursor": first["next_cursor"]})
    ).json()
    found = (await client.get("/v1/customers", params={"filter": "name.startsWith('甲') || name == 'Beta'"})).json()

    assert [item["name"] for item in first["items"] + second["items"]] == ["alpha", "Beta", "Gamma", "乙公司", "甲公司"]
    assert (first["count"], second["next_cursor"]) == ({"value": 5, "relation": "eq"}, None)
    assert sorted(item["name"] for item in found["items"]) == ["Beta", "甲公司"]
