"""What is overdue is so by the present day of the company."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.days import day_of, end_of
from crm_platform.testing.companies import live_in
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from project_svc_tests.company_days.conftest import MoveTo
from project_svc_tests.conftest import OpenProject

LAST, FIRST = "Etc/GMT+12", "Pacific/Kiritimati"
"""Where a day begins last on earth, and where first: 26 hours apart, so that they never have the same day."""


async def test_projects_and_deliveries_are_overdue_by_the_day_of_the_company(
    client: httpx.AsyncClient, open_project: OpenProject, move_to: MoveTo
) -> None:
    due_on = day_of(utc_now() + timedelta(hours=1), ZoneInfo(LAST)).isoformat()
    project = await open_project(starts_on="2020-01-01", due_on=due_on)
    body = {"project_id": project["id"], "name": "上线", "due_on": due_on, "acceptance_criteria": ["可用"]}
    assert (await client.post("/v1/deliveries", json=body)).status_code == 201

    async def overdue() -> tuple[bool, int, bool]:
        [item] = (await client.get("/v1/portfolio/projects")).json()["items"]
        totals = (await client.get("/v1/portfolio/totals")).json()["groups"]
        health = (await client.get(f"/v1/projects/{project['id']}/health")).json()
        return item["is_overdue"], totals[0]["overdue_projects"], bool(health["reasons"])

    await move_to(LAST)
    before = await overdue()
    await move_to(FIRST, 2)

    assert (before, await overdue()) == ((False, 0, False), (True, 1, True))


async def test_a_timer_looks_again_when_the_day_of_an_action_ends_later_than_it_was_set(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject, move_to: MoveTo
) -> None:
    await move_to("Asia/Shanghai")
    project = await open_project()
    body = {"project_id": project["id"], "title": "补测", "due_on": "2199-06-30"}
    action = (await client.post("/v1/corrective-actions", json=body)).json()
    due = "SELECT due_at FROM operations WHERE kind = 'corrective-actions.overdue' AND key = $1"
    [(set_at,)] = await service.sql(due, action["id"])

    await move_to("America/New_York", 2)
    moved = await client.patch(
        f"/v1/corrective-actions/{action['id']}", json={"due_on": "2199-07-01"}, headers={"if-match": '"1"'}
    )
    [(set_again,)] = await service.sql(due, action["id"])

    assert set_at == datetime(2199, 6, 30, 16, tzinfo=UTC)
    assert (moved.status_code, set_again) == (200, datetime(2199, 7, 2, 4, tzinfo=UTC))


async def test_an_action_is_overdue_when_its_day_is_over_and_not_when_a_timer_rings(
    working_service: RunningService, who: Caller, live: httpx.AsyncClient, live_project: OpenProject
) -> None:
    await live_in(working_service, who.tenant_id, LAST)
    day = day_of(utc_now() + timedelta(hours=1), ZoneInfo(LAST))
    body = {"project_id": (await live_project())["id"], "title": "补测", "due_on": day.isoformat()}
    action = (await live.post("/v1/corrective-actions", json=body)).json()
    of_action = "kind = 'corrective-actions.overdue' AND key = $1"
    ring = f"UPDATE operations SET due_at = now() - interval '1 s' WHERE {of_action}"
    waits = f"SELECT due_at FROM operations WHERE {of_action} AND claim IS NULL AND due_at > now()"
    told = "SELECT type FROM outbox WHERE aggregate_id = $1 ORDER BY version"

    await working_service.sql(ring, action["id"])
    [(due_at,)] = await until(lambda: working_service.sql(waits, action["id"]))
    before = await working_service.sql(told, UUID(action["id"]))
    await live_in(working_service, who.tenant_id, FIRST, version=2)
    await working_service.sql(ring, action["id"])
    overdue = f"{told.removesuffix(' ORDER BY version')} AND type = 'corrective_action.overdue'"
    await until(lambda: working_service.sql(overdue, UUID(action["id"])))

    assert (due_at, action["overdue"]) == (end_of(day, ZoneInfo(LAST)), False)
    assert before == [("corrective_action.raised",)]
    after = await working_service.sql(told, UUID(action["id"]))
    assert after == [("corrective_action.raised",), ("corrective_action.overdue",)]
