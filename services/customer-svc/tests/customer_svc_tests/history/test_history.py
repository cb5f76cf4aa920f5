"""Histories of the records of this service: what was answered then is what is shown as of then."""

from typing import Any
from uuid import uuid4

import httpx

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService

FULL: dict[str, Any] = {
    "name": "上海观心科技有限公司",
    "name_latin": "Guanxin Technology",
    "short_name": "观心",
    "grade": "A",
    "size": "medium",
    "source": "展会",
    "industry": "软件",
    "employees": 120,
    "founded_year": 2009,
    "annual_revenue": {"amount": "12000000.50", "currency": "CNY"},
    "website": "https://guanxin.example/",
    "registration_id": "91110000600037341L",
    "credit_limit": {"amount": "100", "currency": "EUR"},
    "payment_terms_days": 30,
    "tags": ["重点", "a"],
    "phones": [{"number": "138-0013-8000", "primary": True}, {"number": "010-62345678"}],
    "emails": [{"address": "wang@guanxin.example", "primary": True}],
    "address": {"country": "CN", "city": "上海市", "street": "延安路 1 号"},
    "external_refs": [{"system": "erp", "external_id": "4711"}],
}


async def sent(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], version: int | None = None
) -> dict[str, Any]:
    method = "PATCH" if version is not None and path.count("/") == 3 else "POST"
    tag = {} if version is None else {"if-match": f'"{version}"'}
    answer = await client.request(method, path, json=body, headers=tag)
    assert answer.status_code in (200, 201), answer.text
    record: dict[str, Any] = answer.json()
    return record


async def check_past(client: httpx.AsyncClient, collection: str, told: list[dict[str, Any]]) -> None:
    """Each answer is what is shown as of its moment, and the trail is sound."""
    path = f"/v1/{collection}/{told[0]['id']}"
    for one in told:
        then = await client.get(f"{path}/as-of", params={"at": one["updated_at"]})
        assert (then.status_code, then.json()) == (200, one)
    verified = (await client.get(f"{path}/history/verification")).json()
    assert (verified["sound"], verified["entries"], verified["findings"]) == (True, len(told), [])
    versions = [one["version"] for one in (await client.get(f"{path}/history")).json()["items"]]
    assert versions == [one["version"] for one in reversed(told)]


async def test_a_customer_with_everything(client: httpx.AsyncClient) -> None:
    told = [await sent(client, "/v1/customers", FULL)]
    path = f"/v1/customers/{told[0]['id']}"
    steps: tuple[dict[str, Any], ...] = (
        {"phones": [{"number": "021 6234 5678"}], "annual_revenue": None},
        {"address": None, "emails": [], "tags": [], "name": "观心"},
        {"annual_revenue": {"amount": "0.1", "currency": "USD"}, "phone": "13900139000"},
    )
    for number, change in enumerate(steps, start=1):
        told.append(await sent(client, path, change, number))
    told.append(await sent(client, f"{path}/activate", {"code": "signed_contract", "reason": "签约"}, 4))

    await check_past(client, "customers", told)
    history = (await client.get(f"{path}/history", params={"limit": 1})).json()["items"]
    assert [(one["reason"], one["action"], [change["member"] for change in one["changes"]]) for one in history] == [
        ("签约", "customer.status_changed", ["status", "status_reason", "status_note", "status_since"])
    ]


async def test_what_the_pool_hides_is_hidden_in_the_past_too(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    told = await sent(client, "/v1/customers", FULL)
    path = f"/v1/customers/{told['id']}"
    seller = colleague(agent, visibility="own", team_ids=[uuid4()])
    async with service.as_(seller) as other:
        assert (await other.get(f"{path}/history")).status_code == 404
        await sent(client, f"{path}/release", {"reason": "无人跟进"}, 1)

        then = (await other.get(f"{path}/as-of", params={"at": told["updated_at"]})).json()
        (released, entered) = (await other.get(f"{path}/history")).json()["items"]

        assert then == {**told, **HIDDEN}
        withheld = {one["member"]: one["withheld"] for one in entered["changes"]}
        assert {name for name, why in withheld.items() if why == "hidden"} == {"phone", "email", "address", *LISTS}
        assert all(one["from"] is one["to"] is None for one in entered["changes"] if one["withheld"])
        assert withheld["name"] is withheld["grade"] is None
        assert [one["member"] for one in released["changes"]] == ["owner_id", "owner_since"]
        await other.post(f"{path}/claim")
        assert (await other.get(f"{path}/as-of", params={"at": told["updated_at"]})).json() == told


LISTS = ("phones", "emails", "addresses")
HIDDEN: dict[str, Any] = {**dict.fromkeys(("phone", "email", "address")), **{name: [] for name in LISTS}}


async def test_communications_and_requirements(client: httpx.AsyncClient) -> None:
    customer = (await sent(client, "/v1/customers", {"name": "甲"}))["id"]
    call = {"customer_id": customer, "kind": "call", "subject": "回访", "happened_at": "2026-03-02T09:00:00+08:00"}
    plan = {"due_at": "2199-03-09T09:00:00+08:00", "subject": "再联系"}
    calls = [await sent(client, "/v1/communications", {**call, "participants": ["王"], "follow_up": plan})]
    calls.append(await sent(client, f"/v1/communications/{calls[0]['id']}", {"content": "很满意", "outcome": "ok"}, 1))
    await check_past(client, "communications", calls)

    wish = {
        "customer_id": customer,
        "title": "离线签到",
        "kind": "function",
        "in_scope": ["签到"],
        "due_on": "2199-06-30",
    }
    wishes = [await sent(client, "/v1/requirements", wish)]
    path = f"/v1/requirements/{wishes[0]['id']}"
    wishes.append(await sent(client, path, {"priority": "must"}, 1))
    wishes.append(await sent(client, f"{path}/analyse", {"reason": "访谈"}, 2))
    await check_past(client, "requirements", wishes)
