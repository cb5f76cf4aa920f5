import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from dirty_equals import IsDatetime

from crm_contracts.contact.v1 import ContactCreated, ContactErased
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, contact, done, submitted

CRITERIA = ("双方签字", "无严重缺陷")


@pytest.fixture
async def fang(service: RunningService, agent: Caller, customer_id: UUID) -> UUID:
    """A contact of the customer."""
    state = contact(customer_id)
    await deliver(service, ContactCreated(state=state), tenant_id=agent.tenant_id)
    return state.id


async def issue(client: httpx.AsyncClient, delivery: dict[str, Any], who: UUID, **fields: Any) -> dict[str, Any]:
    answer = await client.post(
        "/v1/acceptance-links", json={"delivery_id": delivery["id"], "contact_id": str(who), **fields}
    )
    assert answer.status_code == 201, answer.text
    link: dict[str, Any] = answer.json()
    return link | {"place": link["path"], "path": f"{link['path']}?secret={link['secret']}"}


async def decide(anyone: httpx.AsyncClient, link: dict[str, Any], verdict: str, **more: Any) -> httpx.Response:
    return await anyone.post(
        f"{link['place']}/decide",
        params={"secret": link["secret"]},
        json={"verdict": verdict, **more},
        headers={"crm-client-address": "203.0.113.77"},
    )


async def told(service: RunningService, *ids: str) -> list[tuple[str, str]]:
    rows = await service.sql(
        "SELECT type, headers->>'actor' AS actor FROM outbox WHERE aggregate_id = ANY ($1) ORDER BY id",
        [UUID(id) for id in ids],
    )
    return [tuple(row) for row in rows]


async def test_a_link_shows_what_is_decided_about(
    client: httpx.AsyncClient, service: RunningService, fang: UUID, open_project: OpenProject
) -> None:
    delivery = await submitted(client, await open_project(), *CRITERIA)
    link = await issue(client, delivery, fang)
    async with service.as_(None) as anyone:
        seen = (await anyone.get(link["path"])).json()

    assert (link["status"], link["submission"], link["version"]) == ("open", 1, 1)
    assert seen == {
        "contact": "王芳",
        "delivery": "验收报告",
        "status": "submitted",
        "due_on": "2199-12-31",
        "submission": 1,
        "submitted_at": IsDatetime(iso_string=True),
        "notes": None,
        "evidence": [],
        "fingerprint": delivery["versions"][0]["fingerprint"],
        "criteria": delivery["criteria"],
        "open_points": [],
        "expires_at": IsDatetime(iso_string=True),
        "deemed_on": None,
        "verdict": None,
        "decided_at": None,
    }


async def test_a_contact_accepts_by_a_link_without_an_account(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, fang: UUID, open_project: OpenProject
) -> None:
    delivery = await submitted(client, await open_project(), *CRITERIA)
    link = await issue(client, delivery, fang)
    async with service.as_(None) as anyone:
        answer = await decide(anyone, link, "accepted", comment="同意")
        receipt = (await anyone.get(link["path"])).json()
        again = await decide(anyone, link, "rejected", comment="反悔")

    assert answer.status_code == 200, answer.text
    assert answer.json() == receipt
    assert (receipt["status"], receipt["verdict"]) == ("accepted", "accepted")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    accepted = (await client.get(f"/v1/deliveries/{delivery['id']}")).json()
    assert accepted["accepted_by"] == f"contact:{fang}"
    assert accepted["versions"][0]["decision"] == {
        "verdict": "accepted",
        "decided_at": IsDatetime(iso_string=True),
        "decided_by": f"contact:{fang}",
        "channel": "link",
        "contact_id": str(fang),
        "link_id": link["id"],
        "network": "203.0.113.0/24",
        "comment": "同意",
        "criteria": [{**one, "verdict": "met"} for one in delivery["criteria"]],
    }
    actor = f"contact:{fang}"
    assert await told(service, delivery["id"], link["id"]) == [
        ("delivery.planned", agent.actor),
        ("delivery.started", agent.actor),
        ("delivery.submitted", agent.actor),
        ("acceptance_link.issued", agent.actor),
        ("delivery.completed", actor),
        ("acceptance_link.used", actor),
    ]
    [entry] = await service.sql(
        "SELECT actor, after::text AS changes FROM audit_entries"
        " WHERE aggregate_id = $1 AND action = 'delivery.completed'",
        UUID(delivery["id"]),
    )
    assert entry["actor"] == actor
    assert link["id"] in entry["changes"]


async def test_the_secret_is_nowhere(
    client: httpx.AsyncClient, service: RunningService, fang: UUID, open_project: OpenProject
) -> None:
    link = await issue(client, await submitted(client, await open_project()), fang)

    shown = await client.get(f"/v1/acceptance-links/{link['id']}")
    rows = await service.sql(
        "SELECT encode(payload, 'escape') AS text FROM outbox UNION ALL SELECT after::text FROM audit_entries"
        " UNION ALL SELECT encode(signature, 'escape') FROM acceptance_link_signatures"
    )

    assert {"path", "secret"}.isdisjoint(shown.json())
    assert rows
    assert not [row for row in rows if link["secret"] in (row["text"] or "")]


async def test_nothing_tells_why_a_link_does_not_open(
    client: httpx.AsyncClient, service: RunningService, fang: UUID, open_project: OpenProject
) -> None:
    project = await open_project()
    one, other = [await issue(client, await submitted(client, project), fang) for _ in range(2)]
    place, secret = one["place"], one["secret"]
    elsewhere = f"/v1/acceptances/{new_id().hex}{place[-32:]}"
    paths = [
        f"{place}?secret={other['secret']}",
        f"{place}?secret=",
        f"{elsewhere}?secret={secret}",
        f"/v1/acceptances/x?secret={secret}",
    ]
    # Whoever can write into the tables cannot turn a link on to something else either.
    await service.sql("UPDATE acceptance_links SET submission = 2 WHERE id = $1", UUID(other["id"]))
    paths.append(f"{other['place']}?secret={other['secret']}")
    async with service.as_(None) as anyone:
        answers = [await anyone.get(path) for path in paths]
        decided = await decide(anyone, one | {"secret": other["secret"]}, "accepted")
        unnamed = await anyone.get(place)

    assert [(answer.status_code, answer.json()["code"]) for answer in (*answers, decided)] == [(404, "not_found")] * 6
    assert (unnamed.status_code, unnamed.json()["errors"][0]["pointer"]) == (400, "secret")


async def test_a_link_ends_with_its_time_by_us_and_with_its_contact(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, customer_id: UUID, open_project: OpenProject
) -> None:
    project = await open_project()
    people = [contact(customer_id, name=name) for name in ("王芳", "李雷", "韩梅梅")]
    for one in people:
        await deliver(service, ContactCreated(state=one), tenant_id=agent.tenant_id)
    deliveries = [await submitted(client, project) for _ in people]
    late, revoked, erased = [
        await issue(client, delivery, one.id) for delivery, one in zip(deliveries, people, strict=True)
    ]
    await service.sql("UPDATE acceptance_links SET expires_at = now() - interval '1 s' WHERE id = $1", UUID(late["id"]))
    withdrawn = await act(client, f"acceptance-links/{revoked['id']}", "revoke", 1, reason="发错人")
    again = await act(client, f"acceptance-links/{revoked['id']}", "revoke", 2)
    gone = people[2].model_copy(update={"version": 2, "name": "[已删除 / erased]"})
    await deliver(service, ContactErased(state=gone), tenant_id=agent.tenant_id)

    async with service.as_(None) as anyone:
        answers = [await anyone.get(link["path"]) for link in (late, revoked, erased)]
        answers += [await decide(anyone, link, "accepted") for link in (late, revoked, erased)]

    assert (withdrawn.json()["status"], again.json()["code"]) == ("revoked", "invalid_transition")
    assert [answer.status_code for answer in answers] == [404] * 6
    found = [(await client.get(f"/v1/deliveries/{one['id']}")).json()["status"] for one in deliveries]
    assert found == ["submitted"] * 3


async def test_a_link_is_about_one_version(
    client: httpx.AsyncClient, service: RunningService, fang: UUID, open_project: OpenProject
) -> None:
    delivery = await submitted(client, await open_project(), *CRITERIA)
    link = await issue(client, delivery, fang)
    await done(client, f"deliveries/{delivery['id']}", "reject", "submit")

    async with service.as_(None) as anyone:
        seen = (await anyone.get(link["path"])).json()
        answer = await decide(anyone, link, "accepted")

    assert (seen["submission"], seen["verdict"]) == (1, None)
    assert (answer.status_code, answer.json()["code"]) == (409, "version_moved_on")
    assert (await client.get(f"/v1/acceptance-links/{link['id']}")).json()["status"] == "open"


async def test_a_contact_accepts_with_open_points_or_says_why_not(
    client: httpx.AsyncClient, service: RunningService, fang: UUID, open_project: OpenProject
) -> None:
    project = await open_project()
    first, second = [await submitted(client, project, *CRITERIA) for _ in range(2)]
    one, two = await issue(client, first, fang), await issue(client, second, fang)
    points = [{"description": "补交手册", "due_on": "2199-01-01"}]
    findings = [{"criterion_id": 2, "verdict": "not_met", "comment": "崩溃"}]

    async with service.as_(None) as anyone:
        refused = [
            await decide(anyone, one, "rejected"),
            await decide(anyone, one, "conditionally_accepted"),
            await decide(anyone, one, "accepted", open_points=points),
            await decide(anyone, one, "accepted", criteria=findings),
        ]
        conditional = await decide(anyone, one, "conditionally_accepted", open_points=points)
        rejected = await decide(anyone, two, "rejected", comment="会崩溃", criteria=findings)

    assert [answer.json()["code"] for answer in refused] == [
        *("reason_missing", "open_points_unfit", "open_points_unfit", "criteria_not_met"),
    ]
    assert {answer.status_code for answer in refused} == {409}
    assert (conditional.json()["status"], conditional.json()["open_points"][0]["description"]) == (
        "conditionally_accepted",
        "补交手册",
    )
    assert (rejected.json()["verdict"], rejected.json()["criteria"][1]["comment"]) == ("rejected", "崩溃")
    assert (await client.get(f"/v1/deliveries/{second['id']}")).json()["rejection_reason"] == "会崩溃"


async def test_of_many_decisions_by_one_link_at_once_one_counts(
    client: httpx.AsyncClient, service: RunningService, fang: UUID, open_project: OpenProject
) -> None:
    project = await open_project()
    deliveries = [await submitted(client, project) for _ in range(3)]
    links = [await issue(client, delivery, fang) for delivery in deliveries]

    async with service.as_(None) as anyone:
        answers = await asyncio.gather(
            *(
                decide(anyone, link, verdict, comment="x")
                for link in links
                for verdict in ("accepted", "rejected", "accepted")
            ),
            *(act(client, f"acceptance-links/{link['id']}", "revoke", 1) for link in links),
        )

    assert {answer.status_code for answer in answers} <= {200, 404, 409, 412}
    for delivery, link in zip(deliveries, links, strict=True):
        kinds = [kind for kind, _ in await told(service, delivery["id"], link["id"])]
        assert len([kind for kind in kinds if kind in {"delivery.completed", "delivery.rejected"}]) <= 1
        used, revoked = kinds.count("acceptance_link.used"), kinds.count("acceptance_link.revoked")
        assert used + revoked == 1
        assert used == len([kind for kind in kinds if kind in {"delivery.completed", "delivery.rejected"}])


async def test_links_are_for_what_lies_before_the_customer_and_for_its_contacts(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, fang: UUID, open_project: OpenProject
) -> None:
    stranger = contact(new_id())
    await deliver(service, ContactCreated(state=stranger), tenant_id=agent.tenant_id)
    project = await open_project()
    body = {"project_id": project["id"], "name": "x", "due_on": "2199-12-31"}
    planned = (await client.post("/v1/deliveries", json=body)).json()
    ready = await submitted(client, project)

    codes = []
    for delivery_id, contact_id in (
        (planned["id"], fang),
        (str(new_id()), fang),
        (ready["id"], stranger.id),
        (ready["id"], new_id()),
    ):
        given = {"delivery_id": delivery_id, "contact_id": str(contact_id)}
        answer = await client.post("/v1/acceptance-links", json=given)
        codes.append((answer.status_code, answer.json()["code"]))

    assert codes == [
        (409, "nothing_to_decide"),
        (409, "unknown_delivery"),
        (409, "contact_not_at_customer"),
        (409, "unknown_contact"),
    ]
    assert (await client.get("/v1/acceptance-links")).json()["items"] == []


async def test_whoever_has_the_link_reads_the_evidence_of_its_version_and_no_other(
    client: httpx.AsyncClient, service: RunningService, fang: UUID, open_project: OpenProject
) -> None:
    project = await open_project()
    body = {"project_id": project["id"], "name": "x", "due_on": "2199-12-31"}
    delivery = (await client.post("/v1/deliveries", json=body)).json()
    url = f"/v1/deliveries/{delivery['id']}/documents"
    shown, hidden = [(await client.post(url, content=b"%PDF-1")).json()["id"] for _ in range(2)]
    await done(client, f"deliveries/{delivery['id']}", "start")
    await act(client, f"deliveries/{delivery['id']}", "submit", 2, evidence=[{"document_id": shown}])
    link = await issue(client, delivery, fang)

    async with service.as_(None) as anyone:
        place, secret = link["place"], link["secret"]
        answers = [
            await anyone.get(f"{place}/document", params={"secret": given, "document_id": id})
            for id, given in ((shown, secret), (hidden, secret), (shown, "wrong"))
        ]

    assert [answer.status_code for answer in answers] == [200, 404, 404]
    assert answers[0].content == b"%PDF-1"
