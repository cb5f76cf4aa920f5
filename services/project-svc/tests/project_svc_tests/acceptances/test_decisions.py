from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from dirty_equals import IsDatetime

from crm_contracts.contact.v1 import ContactCreated, ContactErased, ContactStatus, ContactStatusChanged
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, contact, done, reasons, submitted

CRITERIA = ("双方签字", "无严重缺陷")


async def types(service: RunningService, delivery: dict[str, Any]) -> list[str]:
    rows = await service.sql("SELECT type FROM outbox WHERE aggregate_id = $1 ORDER BY id", UUID(delivery["id"]))
    return [row["type"].removeprefix("delivery.") for row in rows]


async def test_a_delivery_is_accepted_but_for_open_points_and_then_as_a_whole(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project()
    delivery = await submitted(client, project, *CRITERIA)
    path = f"deliveries/{delivery['id']}"
    findings = [{"criterion_id": 2, "verdict": "not_met", "comment": "导出偶尔失败"}]
    points = [{"description": "修复导出", "due_on": "2199-01-31"}, {"description": "补交手册", "due_on": "2199-02-28"}]

    refused = await act(client, path, "accept", 3, criteria=findings)
    conditional = (await act(client, path, "accept", 3, criteria=findings, open_points=points)).json()
    half = (await act(client, path, "settle-point", 4, point_id=1, note="已修复")).json()
    again = await act(client, path, "settle-point", 5, point_id=1)
    whole = (await act(client, path, "settle-point", 5, point_id=2)).json()

    assert (refused.status_code, refused.json()["code"]) == (409, "criteria_not_met")
    assert (conditional["status"], conditional["accepted_at"]) == ("conditionally_accepted", None)
    assert [(one["id"], one["verdict"], one["comment"]) for one in conditional["criteria"]] == [
        (1, "met", None),
        (2, "not_met", "导出偶尔失败"),
    ]
    assert half["open_points"] == [
        {
            "id": 1,
            "description": "修复导出",
            "due_on": "2199-01-31",
            "settled_at": IsDatetime(iso_string=True),
            "settled_by": agent.actor,
            "note": "已修复",
        },
        {**conditional["open_points"][1], "settled_at": None},
    ]
    assert (again.status_code, again.json()["code"]) == (409, "unknown_open_point")
    assert (whole["status"], whole["accepted_by"], whole["on_time"]) == ("accepted", agent.actor, True)
    assert await types(service, delivery) == [
        *("planned", "started", "submitted", "conditionally_accepted", "point_settled", "completed"),
    ]
    assert (await client.get(f"/v1/projects/{project['id']}")).json()["status"] == "completed"


async def test_another_system_decides_as_a_contact_of_the_customer(
    client: httpx.AsyncClient,
    service: RunningService,
    agent: Caller,
    customer_id: UUID,
    open_project: OpenProject,
) -> None:
    fang = contact(customer_id)
    await deliver(service, ContactCreated(state=fang), tenant_id=agent.tenant_id)
    delivery = await submitted(client, await open_project(), *CRITERIA)
    machine = replace(agent, id=new_id(), kind="apikey", system="portal")

    async with service.as_(machine) as partner:
        answer = await act(partner, f"deliveries/{delivery['id']}", "accept", 3, contact_id=str(fang.id))

    decision = answer.json()["versions"][0]["decision"]
    assert (decision["channel"], decision["decided_by"], decision["contact_id"]) == (
        "partner",
        machine.actor,
        str(fang.id),
    )
    assert [one["verdict"] for one in decision["criteria"]] == ["met", "met"]
    [entry] = await service.sql(
        "SELECT actor, after::text AS changes FROM audit_entries"
        " WHERE aggregate_id = $1 AND action = 'delivery.completed'",
        UUID(delivery["id"]),
    )
    assert entry["actor"] == machine.actor
    assert str(fang.id) in entry["changes"]


async def test_nobody_decides_for_a_customer_whose_contact_they_are_not(
    client: httpx.AsyncClient,
    service: RunningService,
    agent: Caller,
    customer_id: UUID,
    open_project: OpenProject,
) -> None:
    elsewhere, gone, erased = contact(new_id()), contact(customer_id), contact(customer_id)
    for one in (elsewhere, gone, erased):
        await deliver(service, ContactCreated(state=one), tenant_id=agent.tenant_id)
    left = gone.model_copy(update={"version": 2, "status": ContactStatus.LEFT})
    await deliver(service, ContactStatusChanged(state=left), tenant_id=agent.tenant_id)
    blank = erased.model_copy(update={"version": 2, "name": "[已删除 / erased]"})
    await deliver(service, ContactErased(state=blank), tenant_id=agent.tenant_id)
    delivery = await submitted(client, await open_project())
    path = f"deliveries/{delivery['id']}"

    codes = []
    for id in (elsewhere.id, gone.id, erased.id, new_id()):
        for action, more in (("accept", {}), ("reject", {"reason": "no"})):
            answer = await act(client, path, action, 3, contact_id=str(id), **more)
            codes.append((answer.status_code, answer.json()["code"]))

    assert codes == [(409, "contact_not_at_customer")] * 4 + [(409, "unknown_contact")] * 4
    assert await types(service, delivery) == ["planned", "started", "submitted"]
    [row] = await service.sql("SELECT name, status, customers FROM known_contacts WHERE id = $1", erased.id)
    assert tuple(row) == (None, None, None)


async def test_findings_are_about_criteria_that_there_are(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    delivery = await submitted(client, await open_project(), *CRITERIA)
    path = f"deliveries/{delivery['id']}"

    unknown = await act(client, path, "reject", 3, reason="no", criteria=[{"criterion_id": 3, "verdict": "met"}])
    odd = await act(client, path, "reject", 3, reason="no", criteria=[{"criterion_id": 1, "verdict": "fine"}])
    late = await act(client, path, "settle-point", 3, point_id=1)

    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_criterion")
    assert (odd.status_code, odd.json()["errors"][0]["pointer"]) == (422, "/criteria/0/verdict")
    assert (late.status_code, late.json()["code"]) == (409, "invalid_transition")


async def test_a_delivery_is_accepted_with_the_last_of_its_parts(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project()
    body = {"project_id": project["id"], "name": "全国上线", "due_on": "2199-12-31"}
    whole = (await client.post("/v1/deliveries", json=body)).json()
    north = await submitted(client, project, name="北区上线", part_of=whole["id"])
    south = await submitted(client, project, name="南区上线", part_of=whole["id"])
    waste = await client.post("/v1/deliveries", json=body | {"name": "测试区", "part_of": whole["id"]})
    await done(client, f"deliveries/{whole['id']}", "start")

    of_its_own = await act(client, f"deliveries/{whole['id']}", "submit", 2)
    await done(client, f"deliveries/{north['id']}", "accept")
    await act(client, f"deliveries/{waste.json()['id']}", "cancel", 1, reason="不再需要")
    before = (await client.get(f"/v1/deliveries/{whole['id']}")).json()
    await done(client, f"deliveries/{south['id']}", "accept")
    after = (await client.get(f"/v1/deliveries/{whole['id']}")).json()

    assert (of_its_own.status_code, of_its_own.json()["code"]) == (409, "delivery_has_parts")
    assert (before["status"], after["status"], after["submissions"]) == ("in_progress", "accepted", 0)
    assert (await client.get(f"/v1/projects/{project['id']}")).json()["status"] == "completed"
    assert await types(service, whole) == ["planned", "started", "completed"]


async def test_a_part_belongs_to_a_whole_that_takes_parts(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    project, other = await open_project(), await open_project()
    whole = await submitted(client, project)
    body = {"project_id": other["id"], "name": "x", "due_on": "2199-12-31"}
    theirs = (await client.post("/v1/deliveries", json=body)).json()
    part = (await client.post("/v1/deliveries", json=body | {"part_of": theirs["id"]})).json()

    for project_id, part_of in (
        (project["id"], whole["id"]),
        (project["id"], theirs["id"]),
        (other["id"], part["id"]),
        (other["id"], str(new_id())),
    ):
        answer = await client.post("/v1/deliveries", json=body | {"project_id": project_id, "part_of": part_of})
        assert (answer.status_code, answer.json()["code"]) == (409, "unknown_part_of")


async def test_with_a_whole_its_parts_are_given_up(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    project = await open_project()
    body = {"project_id": project["id"], "name": "x", "due_on": "2199-12-31"}
    whole = (await client.post("/v1/deliveries", json=body)).json()
    parts = [await submitted(client, project, part_of=whole["id"]) for _ in range(2)]
    await done(client, f"deliveries/{parts[0]['id']}", "accept")

    answer = await act(client, f"deliveries/{whole['id']}", "cancel", 1, reason="no")

    found = [(await client.get(f"/v1/deliveries/{one['id']}")).json()["status"] for one in parts]
    assert (answer.json()["status"], found) == ("cancelled", ["accepted", "cancelled"])


async def test_what_is_agreed_is_changed_until_the_customer_looks_at_it(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    body = {"project_id": (await open_project())["id"], "name": "x", "due_on": "2199-12-31"}
    delivery = (await client.post("/v1/deliveries", json=body | {"acceptance_criteria": CRITERIA})).json()
    url = f"/v1/deliveries/{delivery['id']}"

    change = {"acceptance_criteria": ["无严重缺陷", "有手册"], "deemed_acceptance": {"working_days": 10}}
    changed = await client.patch(url, json=change, headers={"if-match": '"1"'})
    nowhere = {"deemed_acceptance": {"working_days": 10, "country": "QQ"}}
    unknown = await client.patch(url, json=nowhere, headers={"if-match": '"2"'})
    await done(client, f"deliveries/{delivery['id']}", "start", "submit")
    late = await client.patch(url, json={"name": "y"}, headers={"if-match": '"4"'})

    assert [(one["id"], one["description"]) for one in changed.json()["criteria"]] == [(2, "无严重缺陷"), (3, "有手册")]
    assert changed.json()["deemed_acceptance"] == {"working_days": 10, "country": "CN"}
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_country")
    assert (late.status_code, late.json()["code"]) == (409, "delivery_not_editable")
    assert await types(service, delivery) == ["planned", "updated", "started", "submitted"]


@pytest.mark.parametrize(
    ("evidence", "pointer"),
    [
        ({"name": "x"}, "/evidence/0"),
        ({"url": "https://a.example/b", "document_id": str(UUID(int=1))}, "/evidence/0"),
        ({"url": "javascript:alert(1)"}, "/evidence/0/url"),
    ],
)
async def test_evidence_is_a_link_or_a_document(
    client: httpx.AsyncClient, open_project: OpenProject, evidence: dict[str, str], pointer: str
) -> None:
    body = {"project_id": (await open_project())["id"], "name": "x", "due_on": "2199-12-31"}
    path = f"deliveries/{(await client.post('/v1/deliveries', json=body)).json()['id']}"
    await done(client, path, "start")

    answer = await act(client, path, "submit", 2, evidence=[evidence])

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_the_reason_of_a_decision_is_told(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    delivery = await submitted(client, await open_project(), *CRITERIA)
    await act(client, f"deliveries/{delivery['id']}", "reject", 3, reason="缺少签字")

    assert ("delivery.rejected", "缺少签字") in await reasons(service, "delivery")
