import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from crm_platform.context import Caller, Visibility
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService

CONTACT = {
    "phone": "13800138000",
    "email": "li@b.cn",
    "address": {"country": "CN", "city": "杭州市"},
    "website": "https://b.cn/",
    "registration_id": "91110000600037341L",
    "external_refs": [{"system": "erp", "external_id": "4711"}],
}
HIDDEN: dict[str, Any] = {"phone": None, "phones": [], "email": None, "emails": [], "address": None, "addresses": []}


def seller(agent: Caller, visibility: Visibility = "own") -> Caller:
    return colleague(agent, visibility=visibility, team_ids=[uuid4()])


async def pooled(client: httpx.AsyncClient, **body: Any) -> str:
    """A customer in the pool; returns its path."""
    answer = await client.post("/v1/customers", json={"name": "甲", **body, "owner_id": None, "team_id": None})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def make_rule(client: httpx.AsyncClient, **rule: Any) -> None:
    answer = await client.post("/v1/pool-rules", json=rule)
    assert answer.status_code == 201, answer.text


async def types(service: RunningService) -> list[str]:
    rows = await service.sql("SELECT type FROM outbox WHERE aggregate_type = 'customer' ORDER BY id")
    return [row["type"] for row in rows]


async def test_of_many_who_claim_at_once_one_gets_it_and_the_others_are_told(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    path = await pooled(client, **CONTACT)
    people = [seller(agent) for _ in range(6)]
    clients = [service.as_(person) for person in people]

    answers = await asyncio.gather(*(one.post(f"{path}/claim") for one in clients))
    later = await clients[0].post(f"{path}/claim")
    chinese = await clients[0].post(f"{path}/claim", headers={"accept-language": "zh"})

    won = [(person, answer) for person, answer in zip(people, answers, strict=True) if answer.status_code == 200]
    ((winner, answer),) = won
    customer = answer.json()
    assert (customer["owner_id"], customer["team_id"]) == (str(winner.id), str(winner.team_id))
    assert (customer["phone"], customer["version"], customer["owner_since"]) == (
        "+8613800138000",
        2,
        customer["updated_at"],
    )
    assert answer.headers["etag"] == '"2"'
    lost = [one for one in (*answers, later) if one.status_code != 200]
    assert [(one.status_code, one.json()["code"]) for one in lost] == [(409, "already_claimed")] * 6
    assert str(winner.id) not in "".join(one.text for one in lost)
    assert chinese.json()["detail"] == f"客户 {customer['id']} 已不在公海中，已有人领取。"
    assert await types(service) == ["customer.created", "customer.claimed"]
    for one in clients:
        await one.aclose()


@pytest.mark.parametrize("visibility", ["own", "team"])
async def test_contact_data_is_hidden_until_somebody_claims(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, visibility: Visibility
) -> None:
    path = await pooled(client, **CONTACT)
    async with service.as_(seller(agent, visibility)) as person:
        before = (await person.get(path)).json()
        listed = (await person.get("/v1/customers")).json()["items"]
        some = (await person.get("/v1/customers", params={"fields": "name,phone,emails"})).json()["items"]
        claimed = (await person.post(f"{path}/claim")).json()
        after = (await person.get(path)).json()

    everything = (await client.get(path)).json()
    assert before == (everything | HIDDEN | {"identity_documents": []}) | {
        name: before[name] for name in ("version", "owner_id", "team_id", "owner_since", "updated_at", "updated_by")
    }
    assert (before["owner_id"], before["version"]) == (None, 1)
    assert listed == [before]
    assert some == [{"name": "甲", "phone": None, "emails": []}]
    assert claimed == after == everything
    assert (everything["phone"], everything["email"], everything["address"]["city"]) == (
        "+8613800138000",
        "li@b.cn",
        "杭州市",
    )


async def test_a_rule_says_what_is_hidden_and_no_filter_finds_it_out(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    path = await pooled(client, **CONTACT, annual_revenue={"amount": "5", "currency": "CNY"})
    filters = ("website == 'https://b.cn/'", "registration_id != null", "annual_revenue.amount > 1", "name == '甲'")

    async def seen(person: httpx.AsyncClient) -> tuple[dict[str, Any], list[int]]:
        pages = [(await person.get("/v1/customers", params={"filter": one})).json() for one in filters]
        return (await person.get(path)).json(), [len(page["items"]) for page in pages]

    async with service.as_(seller(agent)) as person:
        usual, usual_found = await seen(person)
        by_hidden_phone = (await person.get("/v1/customers", params={"phone": "13800138000"})).json()["items"]
        await make_rule(client, hidden=["website", "registrations", "figures", "external_refs"])
        strict, strict_found = await seen(person)
        by_phone = (await person.get("/v1/customers", params={"phone": "13800138000"})).json()["items"]
    _, all_found = await seen(client)

    assert (usual["phone"], usual["website"], usual_found) == (None, "https://b.cn/", [1, 1, 1, 1])
    assert strict["phone"] == "+8613800138000"
    hidden = ("website", "registration_id", "registrations", "annual_revenue", "external_refs")
    assert [strict[name] for name in hidden] == [None, None, [], None, []]
    assert strict_found == [0, 0, 0, 1]
    assert (by_hidden_phone, [one["name"] for one in by_phone]) == ([], ["甲"])
    assert all_found == [1, 1, 1, 1]


async def test_what_is_in_the_pool_is_claimed_before_it_is_changed(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    path = await pooled(client, external_refs=[{"system": "oa", "external_id": "1"}])
    at = {"if-match": '"1"'}
    async with service.as_(seller(agent)) as person:
        answers = [
            await person.patch(path, json={"grade": "A"}, headers=at),
            await person.post(f"{path}/churn", json={}, headers=at),
            await person.delete(path, headers=at),
        ]
        item = {"name": "乙", "external_refs": [{"system": "oa", "external_id": "1"}]}
        batch = await person.post("/v1/customers/batch", json={"items": [item], "mode": "upsert"})

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "not_claimed")] * 3
    assert batch.json()["results"][0]["problem"]["code"] == "not_claimed"
    assert await types(service) == ["customer.created"]


async def test_limits_hold_also_for_claims_at_once(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    await make_rule(client, max_owned=3)
    paths = [await pooled(client) for _ in range(6)]
    async with service.as_(seller(agent)) as person:
        answers = await asyncio.gather(*(person.post(f"{path}/claim") for path in paths))
        won = [path for path, answer in zip(paths, answers, strict=True) if answer.status_code == 200]
        released = await person.post(f"{won[0]}/release", json={"reason": "无意向"}, headers={"if-match": '"2"'})
        again = await person.post(f"{won[0]}/claim")

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 409, 409, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["code"], refused["detail"]) == (
        "too_many_owned",
        "You own 3 customers, and the rule allows 3; release some before you claim more.",
    )
    assert (released.status_code, again.status_code) == (200, 200)
    assert [row["claims"] for row in await service.sql("SELECT claims FROM pool_claims")] == [4]


async def test_a_team_s_own_rule_limits_its_claims_of_a_day(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    one, other = seller(agent), seller(agent)
    await make_rule(client, max_claims_per_day=0)
    await make_rule(client, team_id=str(one.team_id), max_claims_per_day=1, time_zone="Europe/London")
    paths = [await pooled(client) for _ in range(2)]
    async with service.as_(one) as person:
        first, second = [await person.post(f"{path}/claim") for path in paths]
    async with service.as_(other) as person:
        third = await person.post(f"{paths[1]}/claim")

    assert first.status_code == 200
    assert [(answer.status_code, answer.json()["code"]) for answer in (second, third)] == [(409, "too_many_claims")] * 2
    assert "(Europe/London), which is all" in second.json()["detail"]
    assert await types(service) == ["customer.created", "customer.created", "customer.claimed"]


async def test_only_people_claim(client: httpx.AsyncClient, service: RunningService, agent: Caller) -> None:
    path = await pooled(client)
    machine = Caller(id=uuid4(), tenant_id=agent.tenant_id, kind="apikey", scopes=agent.scopes, expires_at=2**40)
    async with service.as_(machine) as erp:
        answer = await erp.post(f"{path}/claim")

    assert (answer.status_code, answer.json()["code"]) == (409, "only_people_claim")
    assert (await client.get(path)).json()["version"] == 1


async def test_what_never_was_in_the_pool_is_not_told_of(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    mine = (await client.post("/v1/customers", json={"name": "甲"})).headers["location"]
    async with service.as_(seller(agent)) as person:
        hidden = await person.post(f"{mine}/claim")
        nowhere = await person.post(f"/v1/customers/{uuid4()}/claim")
    seen = await client.post(f"{mine}/claim")

    assert [(answer.status_code, answer.json()["code"]) for answer in (hidden, nowhere)] == [(404, "not_found")] * 2
    assert (seen.status_code, seen.json()["code"]) == (409, "already_claimed")


async def test_owners_are_on_record_with_reasons(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    person = seller(agent)
    created = await client.post("/v1/customers", json={"name": "甲", **CONTACT})
    path = created.headers["location"]
    await client.patch(path, json={"grade": "B"}, headers={"if-match": '"1"'})
    released = await client.post(f"{path}/release", json={"reason": "离职交接"}, headers={"if-match": '"2"'})
    twice = await client.post(f"{path}/release", json={"reason": "x"}, headers={"if-match": '"3"'})
    async with service.as_(person) as them:
        await them.post(f"{path}/claim")
        history = (await them.get(f"{path}/owners")).json()["items"]
        given = await them.post(f"{path}/release", json={"reason": "无意向"}, headers={"if-match": '"4"'})
        unseen = await them.get(f"/v1/customers/{uuid4()}/owners")
    moved = await client.patch(path, json={"team_id": str(person.team_id)}, headers={"if-match": '"5"'})
    last = (await client.get(f"{path}/owners")).json()["items"]

    assert released.json()["phone"] == "+8613800138000"  # this caller sees all
    assert (twice.status_code, twice.json()["code"]) == (409, "already_in_pool")
    assert (given.json()["owner_id"], given.json()["phone"]) == (None, None)  # this one sees it by the pool alone now
    assert unseen.status_code == 404
    names = ("owner_id", "team_id", "how", "by", "reason")
    assert [tuple(one[name] for name in names) for one in history] == [
        (str(person.id), str(person.team_id), "claimed", person.actor, None),
        (None, None, "released", agent.actor, "离职交接"),
        (str(agent.id), None, "entered", agent.actor, None),
    ]
    assert history[0]["until"] is None
    assert [one["until"] for one in history[1:]] == [one["since"] for one in history[:2]]
    assert [one["how"] for one in last] == ["assigned", "released", "claimed", "released", "entered"]
    assert (last[0]["owner_id"], last[0]["team_id"]) == (None, str(person.team_id))
    assert moved.json()["owner_since"] == moved.json()["updated_at"]


async def test_a_repeated_claim_gets_the_answer_of_the_first(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    path = await pooled(client)
    async with service.as_(seller(agent)) as person:
        first, second = [await person.post(f"{path}/claim", headers={"idempotency-key": "k"}) for _ in range(2)]

    assert (first.status_code, second.status_code, first.json()) == (200, 200, second.json())
    assert [row["claims"] for row in await service.sql("SELECT claims FROM pool_claims")] == [1]
