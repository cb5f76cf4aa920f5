from typing import Any
from uuid import UUID

import httpx
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, done

_TOLD = (
    "SELECT type, version FROM outbox WHERE tenant_id = $1"
    " AND aggregate_type IN ('quality_gate', 'corrective_action', 'project') ORDER BY id"
)


async def plan(client: httpx.AsyncClient, project: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {"project_id": project["id"], "name": "上线评审", "kind": "technical", "planned_on": "2026-06-30", **fields}
    answer = await client.post("/v1/quality-gates", json=body)
    assert answer.status_code == 201, answer.text
    gate: dict[str, Any] = answer.json()
    return gate


async def told(service: RunningService, agent: Caller) -> list[tuple[str, int]]:
    return [(row["type"], row["version"]) for row in await service.sql(_TOLD, agent.tenant_id)]


def passing(gate: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"number": item["number"], "state": "passed"} for item in gate["checklist"]]


async def test_a_gate_is_planned_with_the_ready_made_checklist_of_its_kind(
    client: httpx.AsyncClient, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project()
    body = {"project_id": project["id"], "name": "数据验收", "kind": "data", "planned_on": "2026-06-30"}

    answer = await client.post("/v1/quality-gates", json=body, headers={"accept-language": "zh"})

    assert answer.status_code == 201, answer.text
    gate = answer.json()
    assert gate | {"checklist": []} == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": gate["created_at"],
        "updated_by": agent.actor,
        "owner_id": project["owner_id"],
        "team_id": None,
        "project_id": project["id"],
        "name": "数据验收",
        "kind": "data",
        "mandatory": True,
        "planned_on": "2026-06-30",
        "task_id": None,
        "delivery_id": None,
        "reviewer_ids": [],
        "checklist": [],
        "status": "planned",
        "reviews": [],
    }
    assert gate["checklist"][0] == {
        "number": 1,
        "text": "源系统与目标系统的记录数和合计数一致",
        "mandatory": True,
        "state": "open",
        "remark": None,
        "evidence": None,
    }
    assert [item["mandatory"] for item in gate["checklist"]] == [True] * 6 + [False]
    assert (await client.get(answer.headers["location"])).json() == gate
    english = await plan(client, project, kind="user_review")
    assert english["checklist"][0]["text"] == "Users of every role took part"
    found = (await client.get("/v1/quality-gates", params={"filter": f"project_id == '{project['id']}'"})).json()
    assert [one["id"] for one in found["items"]] == [english["id"], gate["id"]]


async def test_a_mandatory_gate_holds_its_project_until_its_conditions_are_met(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project()
    path, owner = f"projects/{project['id']}", str(new_id())
    gate = await plan(client, project, checklist=[{"text": "压测达标"}, {"text": "手册", "mandatory": False}])
    await plan(client, project, name="可选评审", mandatory=False)
    gate_path = f"quality-gates/{gate['id']}"

    held = await act(client, path, "complete", 2)
    failed = await act(client, gate_path, "review", 1, verdict="failed", comment="响应过慢")
    still = await act(client, path, "complete", 2)
    condition = {"text": "优化慢查询", "owner_id": owner, "due_on": "2199-06-30"}
    passed = await act(
        client,
        gate_path,
        "review",
        2,
        findings=[{"number": 1, "state": "failed", "remark": "P99 1.2 s"}],
        verdict="passed_with_conditions",
        conditions=[condition],
    )
    conditional = await act(client, path, "complete", 2)

    assert [(one.status_code, one.json()["code"]) for one in (held, still, conditional)] == [
        (409, "quality_gates_open"),
        (409, "quality_gates_open"),
        (409, "conditions_open"),
    ]
    assert "上线评审" in held.json()["detail"]
    assert "可选评审" not in held.json()["detail"]
    assert (failed.json()["status"], passed.json()["status"]) == ("failed", "passed_with_conditions")
    reviews = passed.json()["reviews"]
    assert [(one["number"], one["verdict"], one["results"]) for one in reviews] == [
        (1, "failed", ["open", "open"]),
        (2, "passed_with_conditions", ["failed", "open"]),
    ]
    (kept,) = reviews[1]["conditions"]
    action = (await client.get(f"/v1/corrective-actions/{kept['action_id']}")).json()
    assert kept == condition | {"action_id": action["id"]}
    assert (action["title"], action["owner_id"], action["source"], action["source_id"], action["due_on"]) == (
        *("优化慢查询", owner, "gate", gate["id"]),
        "2199-06-30",
    )
    await done(client, f"corrective-actions/{action['id']}", "start", "finish", "verify")
    assert (await act(client, path, "complete", 2)).json()["status"] == "completed"
    assert await told(service, agent) == [
        ("project.opened", 1),
        ("project.started", 2),
        ("quality_gate.planned", 1),
        ("quality_gate.planned", 1),
        ("quality_gate.failed", 2),
        ("quality_gate.passed", 3),
        ("corrective_action.raised", 1),
        ("corrective_action.started", 2),
        ("corrective_action.done", 3),
        ("corrective_action.verified", 4),
        ("project.completed", 3),
    ]


async def test_the_last_acceptance_leaves_a_project_open_that_a_gate_holds(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    project = await open_project()
    body = {"project_id": project["id"], "name": "报表", "due_on": "2199-06-30"}
    delivery = (await client.post("/v1/deliveries", json=body)).json()
    gate = await plan(client, project, delivery_id=delivery["id"])
    elsewhere = await open_project(name="充电桩")

    refused = await client.post(
        "/v1/quality-gates",
        json={
            "project_id": elsewhere["id"],
            "name": "x",
            "kind": "data",
            "planned_on": "2026-06-30",
            "delivery_id": delivery["id"],
        },
    )
    unknown = await client.patch(
        f"/v1/quality-gates/{gate['id']}", json={"delivery_id": str(new_id())}, headers={"if-match": '"1"'}
    )
    await done(client, f"deliveries/{delivery['id']}", "start", "submit", "accept")
    held = (await client.get(f"/v1/projects/{project['id']}")).json()
    await act(client, f"quality-gates/{gate['id']}", "review", 1, verdict="passed", findings=passing(gate))

    assert (refused.status_code, refused.json()["code"]) == (409, "delivery_of_another_project")
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_delivery")
    assert (held["status"], held["version"]) == ("active", 2)
    assert (await act(client, f"projects/{project['id']}", "complete", 2)).json()["status"] == "completed"


async def test_named_reviewers_review_and_a_waiver_has_a_reason(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project()
    reviewer = caller(tenant_id=agent.tenant_id)
    gate = await plan(client, project, reviewer_ids=[str(reviewer.id)])
    path = f"quality-gates/{gate['id']}"

    refused = await act(client, path, "review", 1, findings=[{"number": 1, "state": "passed"}])
    async with service.as_(reviewer) as client_of_reviewer:
        noted = await act(client_of_reviewer, path, "review", 1, findings=[{"number": 1, "state": "passed"}])
        early = await act(client_of_reviewer, path, "review", 2, verdict="passed")
    silent = await act(client, path, "waive", 2)
    waived = await act(client, path, "waive", 2, reason="客户自行验收")
    late = await client.patch(f"/v1/{path}", json={"name": "复评"}, headers={"if-match": '"3"'})

    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_reviewer")
    assert (noted.json()["status"], noted.json()["checklist"][0]["state"]) == ("planned", "passed")
    assert (early.status_code, early.json()["code"]) == (409, "verdict_does_not_fit")
    assert early.json()["errors"][0]["detail"] == "Mandatory item 2 is neither passed nor waived."
    assert (silent.status_code, silent.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (waived.json()["status"], waived.json()["version"]) == ("waived", 3)
    assert (late.status_code, late.json()["code"]) == (409, "gate_settled")
    assert (await act(client, f"projects/{project['id']}", "complete", 2)).json()["status"] == "completed"
    rows = await service.sql("SELECT type FROM outbox WHERE aggregate_id = $1 ORDER BY version", UUID(gate["id"]))
    assert [row["type"] for row in rows] == ["quality_gate.planned", "quality_gate.reviewed", "quality_gate.waived"]


async def test_a_new_checklist_begins_anew_and_a_project_that_is_over_gets_no_gate(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    project = await open_project()
    gate = await plan(client, project)
    path = f"quality-gates/{gate['id']}"
    await act(client, path, "review", 1, findings=[{"number": 1, "state": "passed"}])

    changed = await client.patch(
        f"/v1/{path}", json={"checklist": [{"text": "全部"}], "planned_on": "2026-07-01"}, headers={"if-match": '"2"'}
    )
    await done(client, f"projects/{project['id']}", "cancel")
    late = await client.post(
        "/v1/quality-gates",
        json={"project_id": project["id"], "name": "补评", "kind": "data", "planned_on": "2026-07-01"},
    )
    review = await act(client, path, "review", 3, verdict="failed", comment="x")

    assert [(one["text"], one["state"]) for one in changed.json()["checklist"]] == [("全部", "open")]
    assert changed.json()["planned_on"] == "2026-07-01"
    assert [(one.status_code, one.json()["code"]) for one in (late, review)] == [(409, "project_ended")] * 2


async def test_a_gate_belongs_to_a_task_of_its_own_project(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    project = await open_project(approve=False)
    edit = {"tasks": [{"key": "go-live", "name": "上线", "kind": "milestone"}]}
    planned = await client.patch(f"/v1/projects/{project['id']}/plan", json=edit, headers={"if-match": '"0"'})
    milestone = planned.json()["keys"]["go-live"]
    gate = await plan(client, project, task_id=milestone)
    elsewhere = await open_project(name="充电桩", approve=False)
    other = await plan(client, elsewhere)

    body = {"task_id": milestone}
    refused = await client.patch(f"/v1/quality-gates/{other['id']}", json=body, headers={"if-match": '"1"'})

    assert gate["task_id"] == milestone
    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_task")
