import httpx
from dirty_equals import IsDatetime

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, done, reasons, told

ACTIONS = ("approve", "pause", "resume", "complete", "close", "cancel")


async def test_a_project_from_approval_to_closing(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project(approve=False)
    path = f"projects/{project['id']}"

    steps = [
        await act(client, path, "approve", 1, reason="合同已签"),
        await act(client, path, "pause", 2, reason="客户搬迁"),
        await act(client, path, "resume", 3),
        await act(client, path, "complete", 4),
        await act(client, path, "close", 5, reason="review held"),
    ]

    assert [(step.status_code, step.headers["etag"], step.json()["status"]) for step in steps] == [
        (200, '"2"', "active"),
        (200, '"3"', "on_hold"),
        (200, '"4"', "active"),
        (200, '"5"', "completed"),
        (200, '"6"', "closed"),
    ]
    last = steps[-1].json()
    assert (last["approved_by"], last["completed_at"]) == (agent.actor, IsDatetime(iso_string=True))
    assert await reasons(service, "project") == [
        ("project.opened", None),
        ("project.started", "合同已签"),
        ("project.paused", "客户搬迁"),
        ("project.updated", None),
        ("project.completed", None),
        ("project.closed", "review held"),
    ]


async def test_a_project_that_is_not_done_can_be_given_up(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    stages: tuple[tuple[str, ...], ...] = ((), ("approve",), ("approve", "pause"))
    for actions in stages:
        project = await open_project(approve=False)
        await done(client, f"projects/{project['id']}", *actions)

        cancelled = await act(client, f"projects/{project['id']}", "cancel", 1 + len(actions), reason="no money")

        assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled"), actions
        assert (await reasons(service, "project"))[-1] == ("project.cancelled", "no money")


async def test_an_impossible_step_names_the_possible_ones(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project()

    answer = await act(client, f"projects/{project['id']}", "resume", 2)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "invalid_transition")
    assert problem["detail"] == (
        "`resume` is not possible while the project is `active`; possible now: pause, complete, cancel."
    )
    assert len(await told(service, "project")) == 2


async def test_a_project_is_complete_when_everything_is_accepted(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    project = await open_project(template="training")

    answer = await act(client, f"projects/{project['id']}", "complete", 2)

    assert (answer.status_code, answer.json()["code"]) == (409, "deliverables_open")
    assert answer.json()["detail"] == "2 deliverable(s) of the project are not accepted yet."
    assert (await client.get(f"/v1/projects/{project['id']}")).json()["status"] == "active"


async def test_a_project_is_closed_when_its_risks_are(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    project = await open_project()
    body = {"project_id": project["id"], "title": "汇率", "category": "cost", "probability": 1, "impact": 1}
    risk = (await client.post("/v1/risks", json=body)).json()
    await done(client, f"projects/{project['id']}", "complete")

    refused = await act(client, f"projects/{project['id']}", "close", 3)
    await done(client, f"risks/{risk['id']}", "close")
    closed = await act(client, f"projects/{project['id']}", "close", 3)

    assert (refused.status_code, refused.json()["code"]) == (409, "risks_open")
    assert refused.json()["detail"] == "1 risk(s) of the project are not closed yet."
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")


async def test_a_step_needs_the_version_it_is_based_on(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project()

    for action in ACTIONS:
        without = await client.post(f"/v1/projects/{project['id']}/{action}", json={})
        stale = await act(client, f"projects/{project['id']}", action, 1)
        nobody = await act(client, f"projects/{new_id()}", action, 1)
        malformed = await act(client, f"projects/{project['id']}", action, 2, reason=" ")
        assert [(a.status_code, a.json()["code"]) for a in (without, stale, nobody, malformed)] == [
            (428, "precondition_required"),
            (412, "version_mismatch"),
            (404, "not_found"),
            (422, "invalid_payload"),
        ], action

    assert len(await told(service, "project")) == 2
