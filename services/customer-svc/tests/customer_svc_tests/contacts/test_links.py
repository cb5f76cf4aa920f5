import asyncio
from typing import Any

import httpx
import orjson
import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.contacts.people import Make, Record, Told, act, primary, problem, read


async def test_a_contact_is_somebody_else_at_each_customer(
    client: httpx.AsyncClient, contact: Make, customer: Make, told: Told
) -> None:
    one, other = await customer("甲"), await customer("乙")
    made = await contact()

    first = (await act(client, made, "link", customer_id=one["id"], title="总监", role="项目负责人")).json()
    second = (await act(client, first, "link", customer_id=other["id"], decision_role="champion")).json()
    twice = await act(client, second, "link", customer_id=one["id"])
    changed = (await act(client, second, "change-link", customer_id=one["id"], title="总经理", role=None)).json()
    left = (await act(client, changed, "unlink", customer_id=other["id"])).json()
    never = await act(client, left, "unlink", customer_id=other["id"])

    def shown(record: Record) -> list[tuple[str, str | None, str | None, str | None]]:
        links = record["links"]
        return [(link["customer_id"], link["title"], link["role"], link["decision_role"]) for link in links]

    assert shown(second) == [(one["id"], "总监", "项目负责人", None), (other["id"], None, None, "champion")]
    assert problem(twice) == (409, "already_linked")
    assert shown(changed) == [(one["id"], "总经理", None, None), (other["id"], None, None, "champion")]
    assert shown(left) == [(one["id"], "总经理", None, None)]
    assert problem(never) == (409, "not_linked")
    assert [type_ for type_, _, _ in await told()] == [
        "contact.created",
        "contact.linked",
        "contact.linked",
        "contact.link_changed",
        "contact.unlinked",
    ]
    assert (await client.get(f"/v1/customers/{other['id']}/contacts")).json()["items"] == []


async def test_a_link_is_changed_on_the_version_that_was_read(
    client: httpx.AsyncClient, contact: Make, customer: Make, told: Told
) -> None:
    company = await customer()
    made = await contact(links=[{"customer_id": company["id"]}])
    actions = ("link", "change-link", "make-primary", "unlink")
    missing = {"customer_id": "0199b7a0-0000-7000-8000-000000000001"}

    unversioned = [await client.post(f"/v1/contacts/{made['id']}/{action}", json=missing) for action in actions]
    stale = [await act(client, made | {"version": 7}, action, customer_id=company["id"]) for action in actions]

    assert [problem(one) for one in unversioned] == [(428, "precondition_required")] * 4
    assert [problem(one) for one in stale] == [(412, "version_mismatch")] * 4
    assert await told() == [("contact.created", "王芳", 1)]


async def test_the_primary_contact_moves_in_one_call(
    client: httpx.AsyncClient, contact: Make, customer: Make, told: Told, service: RunningService
) -> None:
    company = await customer()
    link = {"customer_id": company["id"], "primary": True}
    fang = await contact("王芳", links=[link])
    lei = await contact("李雷", links=[link])
    mei = await contact("韩梅梅", links=[{"customer_id": company["id"]}])
    assert [primary(await read(client, one)) for one in (fang, lei, mei)] == [[False], [True], [False]]

    moved = await act(client, mei, "make-primary", customer_id=company["id"])
    again = await act(client, moved.json(), "make-primary", customer_id=company["id"])

    assert [primary(await read(client, one)) for one in (fang, lei, mei)] == [[False], [False], [True]]
    assert again.json()["version"] == 2
    assert await told() == [
        ("contact.created", "王芳", 1),
        ("contact.link_changed", "王芳", 2),
        ("contact.created", "李雷", 1),
        ("contact.created", "韩梅梅", 1),
        ("contact.link_changed", "李雷", 2),
        ("contact.link_changed", "韩梅梅", 2),
    ]
    rows = await service.sql("SELECT contact_id FROM contact_links WHERE is_primary")
    assert [str(row["contact_id"]) for row in rows] == [mei["id"]]


async def test_the_database_itself_knows_one_primary_contact(
    contact: Make, customer: Make, service: RunningService
) -> None:
    company = await customer()
    await contact(links=[{"customer_id": company["id"], "primary": True}])
    await contact(links=[{"customer_id": company["id"]}])

    with pytest.raises(Exception, match="uq_contact_links_primary"):
        await service.sql("UPDATE contact_links SET is_primary = true")


async def test_many_at_once_leave_one_primary_contact(
    client: httpx.AsyncClient, contact: Make, customer: Make, service: RunningService
) -> None:
    first, second = await customer("甲"), await customer("乙")
    links = [{"customer_id": first["id"]}, {"customer_id": second["id"]}]
    people = [await contact(f"同事{n}", links=links) for n in range(6)]

    async def want(person: Record, company: Record) -> int:
        while True:
            present = await read(client, person)
            answer = await act(client, present, "make-primary", customer_id=company["id"])
            if answer.status_code != 412:
                return answer.status_code

    pairs = [(person, company) for person in people for company in (first, second)]
    told = await asyncio.gather(*(want(person, company) for person, company in pairs))

    assert set(told) == {200}
    rows = await service.sql("SELECT customer_id, contact_id FROM contact_links WHERE is_primary ORDER BY customer_id")
    assert sorted(str(row["customer_id"]) for row in rows) == sorted([first["id"], second["id"]])
    present = [await read(client, person) for person in people]
    said = [(link["customer_id"], one["id"]) for one in present for link in one["links"] if link["primary"]]
    assert sorted(said) == sorted((str(row["customer_id"]), str(row["contact_id"])) for row in rows)


async def test_an_end_in_the_past_makes_nobody_primary(
    client: httpx.AsyncClient, contact: Make, customer: Make
) -> None:
    company = await customer()
    made = await contact(links=[{"customer_id": company["id"], "primary": True}])
    about = {"customer_id": company["id"]}

    ended = (await act(client, made, "change-link", **about, until="2020-01-01")).json()
    refused = await act(client, ended, "make-primary", **about)
    backwards = await act(client, ended, "change-link", **about, since="2020-01-02")

    assert primary(ended) == [False]
    assert problem(refused) == (409, "cannot_be_primary")
    assert [(one["pointer"], one["code"]) for one in backwards.json()["errors"]] == [
        ("/until", "ends_before_it_begins")
    ]


async def test_a_batch_enters_and_brings_up_to_date(client: httpx.AsyncClient, customer: Make, told: Told) -> None:
    one, other = await customer("甲"), await customer("乙")
    link, elsewhere = {"customer_id": one["id"], "primary": True}, {"customer_id": other["id"], "title": "顾问"}
    ref = {"system": "erp", "external_id": "K-1"}
    items: list[Any] = [
        {"name": "王芳", "external_refs": [ref], "phone": "13800138000", "links": [link]},
        {"name": "李雷", "phone": "12"},
        {"name": "韩梅梅", "links": [link]},
        {"name": "王芳芳", "external_refs": [ref], "links": [elsewhere]},
        {"name": "王芳芳", "external_refs": [ref], "links": [elsewhere]},
    ]

    answer = (await client.post("/v1/contacts/batch", json={"items": items, "mode": "upsert"})).json()

    results = answer["results"]
    assert [result["status"] for result in results] == ["created", "failed", "created", "updated", "unchanged"]
    assert results[1]["problem"]["errors"][0]["pointer"] == "/phone"
    assert results[0]["id"] == results[3]["id"] == results[4]["id"]
    fang = await read(client, results[0])
    assert (fang["name"], fang["phone"], primary(fang)) == ("王芳芳", "+8613800138000", [False, False])
    assert [link["title"] for link in fang["links"]] == [None, "顾问"]
    assert primary(await read(client, results[2])) == [True]
    assert await told() == [
        ("contact.created", "王芳", 1),
        ("contact.link_changed", "王芳", 2),
        ("contact.created", "韩梅梅", 1),
        ("contact.link_changed", "王芳芳", 3),
    ]
    again = (await client.post("/v1/contacts/batch", json={"items": items[3:4], "mode": "upsert"})).json()
    assert [result["status"] for result in again["results"]] == ["unchanged"]


async def test_a_contact_is_seen_by_whoever_has_one_of_its_customers(
    service: RunningService, agent: Caller, contact: Make, customer: Make
) -> None:
    mate, stranger = (colleague(agent, "contacts:*", "customers:*", visibility="own") for _ in range(2))
    company = await customer("甲", owner_id=str(mate.id))
    pool = await customer("公海", owner_id=None, team_id=None)
    fang = await contact("王芳", links=[{"customer_id": company["id"]}], owner_id=str(agent.id))
    mei = await contact("韩梅梅", links=[{"customer_id": pool["id"]}], owner_id=str(agent.id))

    seen: dict[str, Any] = {}
    for who in (mate, stranger):
        async with service.as_(who) as other:
            everything = [item["id"] for item in (await other.get("/v1/contacts")).json()["items"]]
            words = [item["id"] for item in (await other.get("/v1/contacts", params={"q": "王芳"})).json()["items"]]
            both = {"q": "王芳", "filter": "name == '王芳'", "count": "exact"}
            narrowed = (await other.get("/v1/contacts", params=both)).json()["count"]["value"]
            singly = [(await other.get(f"/v1/contacts/{one['id']}")).status_code for one in (fang, mei)]
            listed = await other.get(f"/v1/customers/{company['id']}/contacts")
            pooled = (await other.get(f"/v1/customers/{pool['id']}/contacts")).json()["items"]
            changed = (await act(other, fang, "change-link", customer_id=company["id"], title="总监")).status_code
            seen[str(who.id)] = (everything, words, narrowed, singly, listed.status_code, pooled, changed)

    assert seen == {
        str(mate.id): ([fang["id"]], [fang["id"]], 1, [200, 404], 200, [], 200),
        str(stranger.id): ([], [], 0, [404, 404], 404, [], 404),
    }


async def test_a_team_sees_the_contacts_of_its_customers(
    service: RunningService, agent: Caller, contact: Make, customer: Make
) -> None:
    team, elsewhere = agent.id, colleague(agent).id
    company = await customer("甲", team_id=str(team))
    made = await contact(links=[{"customer_id": company["id"]}], owner_id=str(elsewhere))
    told = []
    for teams in ((team,), (elsewhere,)):
        async with service.as_(colleague(agent, visibility="team", team_ids=teams)) as other:
            listed = (await other.get("/v1/contacts")).json()["items"]
            told.append(([item["id"] for item in listed], (await other.get(f"/v1/contacts/{made['id']}")).status_code))

    assert told == [([made["id"]], 200), ([], 404)]


async def test_a_customer_is_claimed_before_contacts_are_linked_with_it(
    service: RunningService, agent: Caller, contact: Make, customer: Make
) -> None:
    pool = await customer("公海", owner_id=None, team_id=None)
    fang = await contact(links=[{"customer_id": pool["id"], "primary": True}], owner_id=str(agent.id))
    links = [{"customer_id": pool["id"], "primary": True}]

    async with service.as_(colleague(agent, visibility="own")) as other:
        made = await other.post("/v1/contacts", json={"name": "李雷", "links": links})
        lei = (await other.post("/v1/contacts", json={"name": "李雷"})).json()
        linked = await act(other, lei, "link", customer_id=pool["id"])
        batch = (await other.post("/v1/contacts/batch", json={"items": [{"name": "李雷", "links": links}]})).json()

    assert [problem(one) for one in (made, linked)] == [(409, "customer_of_contact_in_pool")] * 2
    assert batch["results"][0]["problem"]["code"] == "customer_of_contact_in_pool"
    async with service.as_(agent) as owner:
        assert primary(await read(owner, fang)) == [True]


async def test_a_new_contact_belongs_to_whom_its_customer_belongs(
    service: RunningService, agent: Caller, contact: Make, customer: Make
) -> None:
    mate = colleague(agent)
    company = await customer("甲", owner_id=str(mate.id), team_id=str(mate.id))

    at_customer = await contact(links=[{"customer_id": company["id"]}])
    alone = await contact()
    given = await contact(owner_id=str(agent.id), links=[{"customer_id": company["id"]}])

    def owners(record: Record) -> tuple[Any, Any]:
        return record["owner_id"], record["team_id"]

    assert owners(at_customer) == (str(mate.id), str(mate.id))
    assert owners(alone) == owners(given) == (str(agent.id), None)
    rows = await service.sql("SELECT payload FROM outbox WHERE type = 'contact.created' ORDER BY id")
    states = [orjson.loads(row["payload"])["state"]["owner_id"] for row in rows]
    assert states == [str(mate.id), str(agent.id), str(agent.id)]
