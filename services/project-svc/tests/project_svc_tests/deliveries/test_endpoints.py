import asyncio
from typing import Any
from uuid import UUID

import httpx
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, done, reasons, told


async def plan(client: httpx.AsyncClient, project: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {"project_id": project["id"], "name": "验收报告", "due_on": "2199-12-31", **fields}
    answer = await client.post("/v1/deliveries", json=body)
    assert answer.status_code == 201, answer.text
    delivery: dict[str, Any] = answer.json()
    return delivery


async def test_a_deliverable_is_added_to_a_project(
    client: httpx.AsyncClient, agent: Caller, open_project: OpenProject, customer_id: UUID
) -> None:
    project = await open_project(approve=False)
    body = {
        "project_id": project["id"],
        "name": " 验收报告 ",
        "acceptance_criteria": ["双方签字", "无严重缺陷"],
        "due_on": "2024-02-29",
    }

    answer = await client.post("/v1/deliveries", json=body)

    assert answer.status_code == 201, answer.text
    delivery = answer.json()
    assert delivery == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": delivery["created_at"],
        "updated_by": agent.actor,
        "owner_id": str(agent.id),
        "team_id": None,
        "project_id": project["id"],
        "customer_id": str(customer_id),
        "name": "验收报告",
        "acceptance_criteria": ["双方签字", "无严重缺陷"],
        "status": "planned",
        "due_on": "2024-02-29",
        "submissions": 0,
        "submitted_at": None,
        "accepted_at": None,
        "accepted_by": None,
        "on_time": None,
        "rejection_reason": None,
        "cancellation_reason": None,
        "requirement_id": None,
        "hand_over": None,
        "criteria": [
            {"id": 1, "description": "双方签字", "verdict": "pending", "comment": None},
            {"id": 2, "description": "无严重缺陷", "verdict": "pending", "comment": None},
        ],
        "versions": [],
        "open_points": [],
        "deemed_acceptance": None,
        "deemed_on": None,
        "part_of": None,
        "schedule_id": None,
        "occurrence": None,
    }
    assert (answer.headers["etag"], answer.headers["location"]) == ('"1"', f"/v1/deliveries/{delivery['id']}")
    assert (await client.get(answer.headers["location"])).json() == delivery


async def test_a_delivery_is_rejected_once_and_then_accepted(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project()
    delivery = await plan(client, project)
    await plan(client, project, name="Another")
    path = f"deliveries/{delivery['id']}"

    await done(client, path, "start", "submit")
    rejected = (await act(client, path, "reject", 3, reason="缺少签字")).json()
    submitted = (await act(client, path, "submit", 4)).json()
    accepted = (await act(client, path, "accept", 5, reason="all criteria met")).json()

    assert (rejected["status"], rejected["rejection_reason"], rejected["submissions"]) == ("rejected", "缺少签字", 1)
    assert (submitted["status"], submitted["rejection_reason"], submitted["submissions"]) == ("submitted", None, 2)
    assert submitted["submitted_at"] > rejected["submitted_at"]
    assert accepted == {
        **submitted,
        "version": 6,
        "status": "accepted",
        "accepted_at": IsDatetime(iso_string=True),
        "accepted_by": agent.actor,
        "on_time": True,
        "versions": [
            submitted["versions"][0],
            {
                **submitted["versions"][1],
                "decision": {
                    "verdict": "accepted",
                    "decided_at": IsDatetime(iso_string=True),
                    "decided_by": agent.actor,
                    "channel": "staff",
                    "contact_id": None,
                    "link_id": None,
                    "network": None,
                    "comment": "all criteria met",
                    "criteria": [],
                },
            },
        ],
        "updated_at": accepted["accepted_at"],
    }
    assert await reasons(service, "delivery") == [
        ("delivery.planned", None),
        ("delivery.planned", None),
        ("delivery.started", None),
        ("delivery.submitted", None),
        ("delivery.rejected", "缺少签字"),
        ("delivery.submitted", None),
        ("delivery.completed", "all criteria met"),
    ]
    assert (await client.get(f"/v1/projects/{project['id']}")).json() == project


async def test_the_last_acceptance_completes_the_project(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project(template="training", starts_on="2017-01-01", due_on="2017-02-01")
    items = (await client.get(f"/v1/projects/{project['id']}/deliveries")).json()["items"]

    late = [await done(client, f"deliveries/{item['id']}", "start", "submit", "accept") for item in items]

    assert [delivery["on_time"] for delivery in late] == [False, False]
    completed = (await client.get(f"/v1/projects/{project['id']}")).json()
    assert (completed["status"], completed["version"]) == ("completed", 3)
    assert completed["completed_at"] == late[-1]["accepted_at"]
    assert (await reasons(service, "project"))[-1] == ("project.completed", "every deliverable is accepted")


async def test_of_two_last_acceptances_at_once_one_completes_the_project(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    for _ in range(5):
        project = await open_project(template="training")
        items = (await client.get(f"/v1/projects/{project['id']}/deliveries")).json()["items"]
        for item in items:
            await done(client, f"deliveries/{item['id']}", "start", "submit")

        answers = await asyncio.gather(*(act(client, f"deliveries/{item['id']}", "accept", 3) for item in items))

        assert [answer.status_code for answer in answers] == [200, 200]
        assert (await client.get(f"/v1/projects/{project['id']}")).json()["status"] == "completed"
    assert [kind for kind, _ in await told(service, "project")].count("project.completed") == 5


async def test_a_rejection_needs_a_reason(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    delivery = await plan(client, await open_project())
    await done(client, f"deliveries/{delivery['id']}", "start", "submit")

    answers = [await act(client, f"deliveries/{delivery['id']}", "reject", 3, **body) for body in ({}, {"reason": " "})]

    assert [(answer.status_code, answer.json()["errors"][0]["pointer"]) for answer in answers] == [
        (422, "/reason"),
        (422, "/reason"),
    ]
    assert (await told(service, "delivery"))[-1] == ("delivery.submitted", 3)


async def test_deliveries_rest_while_the_project_is_not_active(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    stages: tuple[tuple[str, ...], ...] = ((), ("approve", "pause"), ("approve", "cancel"))
    for actions in stages:
        project = await open_project(approve=False)
        delivery = await plan(client, project)
        state = await done(client, f"projects/{project['id']}", *actions)

        version = (await client.get(f"/v1/deliveries/{delivery['id']}")).json()["version"]
        answer = await act(client, f"deliveries/{delivery['id']}", "start", version)

        assert (answer.status_code, answer.json()["code"]) == (409, "project_not_active"), actions
        assert f"The project is `{state['status']}`" in answer.json()["detail"]
    planned = ("delivery.planned", 1)
    assert await told(service, "delivery") == [planned, planned, planned, ("delivery.cancelled", 2)]


async def test_a_project_that_is_over_gets_no_deliverables(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    for actions in (("complete",), ("complete", "close"), ("cancel",)):
        project = await open_project()
        await done(client, f"projects/{project['id']}", *actions)

        body = {"project_id": project["id"], "name": "x", "due_on": "2024-01-01"}
        answer = await client.post("/v1/deliveries", json=body)

        assert (answer.status_code, answer.json()["code"]) == (409, "project_ended"), actions
    assert await told(service, "delivery") == []


async def test_a_deliverable_needs_a_project(client: httpx.AsyncClient, service: RunningService) -> None:
    answer = await client.post(
        "/v1/deliveries", json={"project_id": str(new_id()), "name": "x", "due_on": "2024-01-01"}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_project")
    assert await told(service, "delivery") == []


async def test_an_impossible_step_is_refused(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    delivery = await plan(client, await open_project())

    answer = await act(client, f"deliveries/{delivery['id']}", "accept", 1)

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert answer.json()["detail"].endswith("while the delivery is `planned`; possible now: start, cancel.")


async def test_a_step_needs_the_version_it_is_based_on(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    delivery = await plan(client, await open_project())

    for action in ("start", "submit", "accept", "reject"):
        without = await client.post(f"/v1/deliveries/{delivery['id']}/{action}", json={"reason": "x"})
        stale = await act(client, f"deliveries/{delivery['id']}", action, 7, reason="x")
        nobody = await act(client, f"deliveries/{new_id()}", action, 1, reason="x")
        assert [(answer.status_code, answer.json()["code"]) for answer in (without, stale, nobody)] == [
            (428, "precondition_required"),
            (412, "version_mismatch"),
            (404, "not_found"),
        ], action

    assert await told(service, "delivery") == [("delivery.planned", 1)]


async def test_lists_of_deliveries(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    one, other = await open_project(), await open_project()
    for project, name, due_on in ((one, "b", "2024-02-01"), (one, "a", "2024-03-01"), (other, "c", "2024-01-01")):
        await plan(client, project, name=name, due_on=due_on)

    async def names(path: str, **params: str) -> list[str]:
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json()["items"]]

    assert await names("/v1/deliveries", sort="due_on") == ["c", "b", "a"]
    assert await names("/v1/deliveries", filter=f"project_id == '{one['id']}'", sort="-due_on") == ["a", "b"]
    assert await names(f"/v1/projects/{one['id']}/deliveries", filter="due_on > date('2024-02-01')") == ["a"]
    first = (await client.get(f"/v1/projects/{one['id']}/deliveries", params={"limit": "1", "sort": "due_on"})).json()
    assert [item["name"] for item in first["items"]] == ["b"]
    assert await names(
        f"/v1/projects/{one['id']}/deliveries", limit="1", sort="due_on", cursor=first["next_cursor"]
    ) == ["a"]
    counted = (await client.get(f"/v1/projects/{one['id']}/deliveries", params={"count": "exact"})).json()
    assert counted["count"] == {"value": 2, "relation": "eq"}
    missing = await client.get(f"/v1/projects/{new_id()}/deliveries")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    unknown = await client.get(f"/v1/projects/{one['id']}/deliveries", params={"filter": "colour == 'red'"})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "invalid_parameter")


async def test_a_deliverable_is_given_up_with_a_reason(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project()
    given_up, accepted = await plan(client, project), await plan(client, project)
    await done(client, f"deliveries/{accepted['id']}", "start", "submit", "accept")

    mute = await act(client, f"deliveries/{given_up['id']}", "cancel", 1)
    answer = await act(client, f"deliveries/{given_up['id']}", "cancel", 1, reason="客户不再需要")
    refused = [
        await act(client, f"deliveries/{given_up['id']}", "start", 2),
        await act(client, f"deliveries/{given_up['id']}", "cancel", 2, reason="again"),
        await act(client, f"deliveries/{accepted['id']}", "cancel", 4, reason="too late"),
    ]

    assert (mute.status_code, mute.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (answer.json()["status"], answer.json()["cancellation_reason"]) == ("cancelled", "客户不再需要")
    assert [(one.status_code, one.json()["code"]) for one in refused] == [(409, "invalid_transition")] * 3
    assert (await reasons(service, "delivery"))[-1] == ("delivery.cancelled", "客户不再需要")
    # What is cancelled does not keep the project open.
    completed = await done(client, f"projects/{project['id']}", "complete")
    assert completed["status"] == "completed"


async def test_a_project_is_given_up_with_all_that_is_not_accepted(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project()
    accepted, started, planned = [await plan(client, project) for _ in range(3)]
    await done(client, f"deliveries/{accepted['id']}", "start", "submit", "accept")
    await done(client, f"deliveries/{started['id']}", "start")
    elsewhere = await plan(client, await open_project())

    answer = await act(client, f"projects/{project['id']}", "cancel", 2, reason="no money")

    assert answer.status_code == 200, answer.text
    states = {one["id"]: one for one in (await client.get("/v1/deliveries")).json()["items"]}
    found = [
        (states[one["id"]]["status"], states[one["id"]]["cancellation_reason"])
        for one in (accepted, started, planned, elsewhere)
    ]
    assert found == [("accepted", None), ("cancelled", "no money"), ("cancelled", "no money"), ("planned", None)]
    assert (await reasons(service, "delivery"))[-2:] == [("delivery.cancelled", "no money")] * 2


async def test_giving_up_a_project_and_accepting_its_deliverables_do_not_wait_for_each_other(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    for _ in range(5):
        project = await open_project()
        two = [await plan(client, project) for _ in range(2)]
        for one in two:
            await done(client, f"deliveries/{one['id']}", "start", "submit")
        answers = await asyncio.gather(
            act(client, f"deliveries/{two[0]['id']}", "accept", 3),
            act(client, f"projects/{project['id']}", "cancel", 2),
            act(client, f"deliveries/{two[1]['id']}", "reject", 3, reason="no"),
        )

        assert answers[1].status_code == 200
        assert {answer.status_code for answer in answers} <= {200, 409, 412}
        listed = (await client.get(f"/v1/projects/{project['id']}/deliveries")).json()["items"]
        assert {one["status"] for one in listed} <= {"accepted", "cancelled"}
