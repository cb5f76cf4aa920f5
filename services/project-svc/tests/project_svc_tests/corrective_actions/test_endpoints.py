from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from dirty_equals import IsDatetime, IsUUID

from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, done, told


async def raise_(client: httpx.AsyncClient, project: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {"project_id": project["id"], "title": "增加回归测试", "due_on": "2199-06-30", **fields}
    answer = await client.post("/v1/corrective-actions", json=body)
    assert answer.status_code == 201, answer.text
    action: dict[str, Any] = answer.json()
    return action


async def test_an_action_follows_from_something_that_the_project_has(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project, other = await open_project(), await open_project()
    risk = {"project_id": other["id"], "title": "停电", "category": "schedule", "probability": 2, "impact": 2}
    theirs = (await client.post("/v1/risks", json=risk)).json()["id"]
    body = {"project_id": project["id"], "title": "增加回归测试", "due_on": "2199-06-30"}

    refused = [
        await client.post("/v1/corrective-actions", json={**body, "source": source, "source_id": id})
        for source, id in (("risk", theirs), ("issue", theirs), ("monitor", str(new_id())), ("other", theirs))
    ]
    own = await client.post(
        "/v1/corrective-actions",
        json={**body, "project_id": other["id"], "source": "risk", "source_id": theirs},
    )

    assert [(one.status_code, one.json()["errors"][0]["pointer"]) for one in refused] == [(422, "/source_id")] * 4
    assert {one.json()["errors"][0]["code"] for one in refused} == {"unknown_source"}
    assert own.status_code == 201
    assert [tuple(row) for row in await service.sql("SELECT source_id FROM corrective_actions")] == [(UUID(theirs),)]


async def test_an_action_is_raised_carried_out_and_verified(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    project = await open_project()
    risk = {"project_id": project["id"], "title": "回归不足", "category": "quality", "probability": 2, "impact": 2}
    risk_id = (await client.post("/v1/risks", json=risk)).json()["id"]

    action = await raise_(client, project, kind="preventive", source="risk", source_id=risk_id, description="每晚")
    path = f"corrective-actions/{action['id']}"
    timers = await service.sql("SELECT key, due_at FROM operations WHERE kind = 'corrective-actions.overdue'")
    finished = await done(client, path, "start", "finish", "start", "finish")
    verified = await act(client, path, "verify", 5, reason="两周内未再出现")
    late = await client.patch(f"/v1/{path}", json={"title": "x"}, headers={"if-match": '"6"'})

    assert action == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": action["created_at"],
        "updated_by": agent.actor,
        "owner_id": project["owner_id"],
        "team_id": None,
        "project_id": project["id"],
        "kind": "preventive",
        "title": "增加回归测试",
        "description": "每晚",
        "source": "risk",
        "source_id": risk_id,
        "due_on": "2199-06-30",
        "overdue": False,
        "status": "open",
        "done_at": None,
        "verified_at": None,
        "verified_by": None,
    }
    assert [tuple(row) for row in timers] == [(action["id"], datetime(2199, 7, 1, tzinfo=UTC))]
    assert finished["done_at"] == IsDatetime(iso_string=True)
    assert (verified.json()["status"], verified.json()["verified_by"]) == ("verified", agent.actor)
    assert (late.status_code, late.json()["code"]) == (409, "action_settled")
    assert await service.sql("SELECT 1 FROM operations WHERE kind = 'corrective-actions.overdue'") == []
    assert await told(service, "corrective_action") == [
        ("corrective_action.raised", 1),
        ("corrective_action.started", 2),
        ("corrective_action.done", 3),
        ("corrective_action.started", 4),
        ("corrective_action.done", 5),
        ("corrective_action.verified", 6),
    ]


async def test_an_action_that_is_not_done_in_time_is_told_of_once(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject, start_worker: StartWorker
) -> None:
    project = await open_project()
    late = await raise_(client, project)
    cancelled = await raise_(client, project, title="更换供应商")
    await done(client, f"corrective-actions/{cancelled['id']}", "cancel")
    yesterday = (utc_now() - timedelta(days=1)).date()
    # Nobody can wait a day here: the day comes to the action.
    await service.sql("UPDATE corrective_actions SET due_on = $1 WHERE status = 'open'", yesterday)
    await service.sql("UPDATE operations SET due_at = now() WHERE kind = 'corrective-actions.overdue'")
    await start_worker(service)

    overdue = "SELECT aggregate_id, version FROM outbox WHERE type = 'corrective_action.overdue'"
    rows = await until(lambda: service.sql(overdue))

    assert [tuple(row) for row in rows] == [(UUID(late["id"]), 2)]
    shown = (await client.get("/v1/corrective-actions", params={"filter": "overdue"})).json()["items"]
    assert [one["id"] for one in shown] == [late["id"]]
    body = {"due_on": "2199-01-01"}
    moved = await client.patch(f"/v1/corrective-actions/{late['id']}", json=body, headers={"if-match": '"2"'})
    assert (moved.json()["overdue"], moved.json()["version"]) == (False, 3)
    timers = await service.sql(
        "SELECT key, status FROM operations WHERE kind = 'corrective-actions.overdue' AND status = 'queued'"
    )
    assert [tuple(row) for row in timers] == [(late["id"], "queued")]


async def test_what_does_not_fit_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project()
    body = {"project_id": project["id"], "title": "x", "due_on": "2199-06-30"}
    conditions = await client.post("/v1/corrective-actions", json=body | {"source": "gate"})
    unknown = await client.post("/v1/corrective-actions", json=body | {"project_id": str(new_id())})
    await done(client, f"projects/{project['id']}", "cancel")
    ended = await client.post("/v1/corrective-actions", json=body)

    assert (conditions.status_code, conditions.json()["errors"][0]["pointer"]) == (422, "/source")
    assert [(one.status_code, one.json()["code"]) for one in (unknown, ended)] == [
        (409, "unknown_project"),
        (409, "project_ended"),
    ]
    assert await service.sql("SELECT 1 FROM corrective_actions") == []
    assert await told(service, "corrective_action") == []
