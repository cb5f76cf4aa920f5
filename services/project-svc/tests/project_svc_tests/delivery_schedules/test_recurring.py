import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.sweeps import swept
from crm_platform.testing.waiting import until
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, done, submitted


async def recur(client: httpx.AsyncClient, project: dict[str, Any], **fields: Any) -> httpx.Response:
    body = {"project_id": project["id"], "name": "运维月报", "frequency": "months", "first_due_on": "2026-01-31"}
    return await client.post("/v1/delivery-schedules", json=body | fields)


async def deliveries_of(client: httpx.AsyncClient, project: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/projects/{project['id']}/deliveries", params={"sort": "due_on", "limit": "100"})
    return list(answer.json()["items"])


async def test_several_workers_plan_each_recurring_delivery_once_and_accept_what_nobody_decided(
    client: httpx.AsyncClient,
    service: RunningService,
    open_project: OpenProject,
    start_worker: StartWorker,
) -> None:
    project, resting, over = await open_project(), await open_project(), await open_project()
    made = (await recur(client, project, count=60, acceptance_criteria=["数据完整"])).json()
    await recur(client, over, until="2026-12-31")
    rule = {"working_days": 1}
    silent = await submitted(client, project, deemed_acceptance=rule)
    waiting = await submitted(client, resting, deemed_acceptance=rule)
    fresh = await submitted(client, project, deemed_acceptance=rule)
    await done(client, f"projects/{resting['id']}", "pause")
    # The project of the third schedule is over without a word to it, as if it had been before there were schedules.
    await service.sql("UPDATE projects SET status = 'closed' WHERE id = $1", UUID(over["id"]))
    for one in (silent, waiting):
        await service.sql("UPDATE deliveries SET deemed_on = '2020-01-01' WHERE id = $1", UUID(one["id"]))
    await asyncio.gather(start_worker(service), start_worker(service))
    await swept(service, "deliveries.plan_recurring")

    async def planned() -> list[dict[str, Any]] | None:
        found = [one for one in await deliveries_of(client, project) if one["schedule_id"]]
        due = datetime.now(UTC).date() + timedelta(days=14)
        return found if found and (len(found) == 60 or found[-1]["occurrence"] >= _due_by(due)) else None

    async def accepted() -> dict[str, Any] | None:
        found: dict[str, Any] = (await client.get(f"/v1/deliveries/{silent['id']}")).json()
        return found if found["status"] == "accepted" else None

    recurring, deemed = await until(planned), await until(accepted)

    assert [one["occurrence"] for one in recurring] == list(range(1, len(recurring) + 1))
    assert [one["due_on"] for one in recurring[:3]] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    assert {(one["schedule_id"], one["criteria"][0]["description"]) for one in recurring} == {(made["id"], "数据完整")}
    assert [one["name"] for one in recurring[:2]] == ["运维月报 1", "运维月报 2"]
    schedule = (await client.get(f"/v1/delivery-schedules/{made['id']}")).json()
    assert (schedule["made"], schedule["status"]) == (len(recurring), "active")
    decision = deemed["versions"][0]["decision"]
    assert (decision["channel"], decision["decided_by"]) == ("deemed", "system:project-svc")
    assert decision["comment"] == "nobody decided in the agreed time"
    for one in (waiting, fresh):
        assert (await client.get(f"/v1/deliveries/{one['id']}")).json()["status"] == "submitted"
    assert await deliveries_of(client, over) == []
    ended = (await client.get("/v1/delivery-schedules", params={"filter": "status == 'ended'"})).json()["items"]
    assert [one["project_id"] for one in ended] == [over["id"]]
    rows = await service.sql(
        "SELECT count(*) AS n FROM outbox WHERE aggregate_id = $1 AND type = 'delivery.completed'", UUID(silent["id"])
    )
    assert rows[0]["n"] == 1


def _due_by(day: Any) -> int:
    """How many of the monthly deliveries from January 2026 on are due by ``day`` at the least."""
    return int((day.year - 2026) * 12 + day.month - 1)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "schedule_needs_one_end"),
        ({"count": 3, "until": "2026-12-31"}, "schedule_needs_one_end"),
        ({"until": "2026-01-30"}, "schedule_ends_before_it_begins"),
    ],
)
async def test_a_schedule_has_one_end_behind_its_beginning(
    client: httpx.AsyncClient, open_project: OpenProject, fields: dict[str, Any], code: str
) -> None:
    answer = await recur(client, await open_project(), **fields)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert (await client.get("/v1/delivery-schedules")).json()["items"] == []


async def test_a_project_with_deliveries_to_come_is_not_complete(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    project = await open_project()
    schedule = (await recur(client, project, count=2, first_due_on="2199-01-01")).json()
    delivery = await submitted(client, project)

    await done(client, f"deliveries/{delivery['id']}", "accept")
    refused = await act(client, f"projects/{project['id']}", "complete", 2)
    ended = await act(client, f"delivery-schedules/{schedule['id']}", "end", 1, reason="合同终止")
    twice = await act(client, f"delivery-schedules/{schedule['id']}", "end", 2)
    completed = await done(client, f"projects/{project['id']}", "complete")

    assert (refused.status_code, refused.json()["code"]) == (409, "deliveries_to_come")
    assert (ended.json()["status"], ended.json()["next_due_on"], twice.json()["code"]) == (
        "ended",
        None,
        "invalid_transition",
    )
    assert completed["status"] == "completed"


async def test_with_a_project_its_schedules_are_given_up(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    project = await open_project()
    schedule = (await recur(client, project, count=2)).json()

    await act(client, f"projects/{project['id']}", "cancel", 2, reason="no money")

    assert (await client.get(f"/v1/delivery-schedules/{schedule['id']}")).json()["status"] == "ended"
