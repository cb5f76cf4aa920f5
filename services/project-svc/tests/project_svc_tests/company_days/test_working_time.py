"""Whoever and whatever has no working calendar works five days of eight hours where the company is."""

from typing import Any

import httpx

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService
from project_svc_tests.company_days.conftest import MoveTo
from project_svc_tests.conftest import OpenProject
from project_svc_tests.plan.support import work


async def schedule(client: httpx.AsyncClient, project: dict[str, Any], **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.get(f"/v1/projects/{project['id']}/schedule", headers=named)


async def planned(client: httpx.AsyncClient, open_project: OpenProject) -> dict[str, Any]:
    """A project with one task of a day, from Monday on."""
    project = await open_project(approve=False, starts_on="2026-03-02")
    path = f"/v1/projects/{project['id']}/plan"
    version = (await client.get(path)).headers["etag"]
    answer = await client.patch(path, json={"tasks": [work("准备")]}, headers={"if-match": version})
    assert answer.status_code == 200, answer.text
    return project


async def test_a_plan_without_a_calendar_follows_the_company_to_where_it_is(
    client: httpx.AsyncClient, open_project: OpenProject, move_to: MoveTo
) -> None:
    project = await planned(client, open_project)
    by_utc = await schedule(client, project)
    await move_to("Asia/Shanghai")
    in_shanghai = await schedule(client, project, if_none_match=by_utc.headers["etag"])
    again = await schedule(client, project, if_none_match=in_shanghai.headers["etag"])
    await move_to("America/New_York", 2)
    in_new_york = await schedule(client, project, if_none_match=in_shanghai.headers["etag"])

    found = [(one.json()["starts_at"], one.json()["finishes_at"]) for one in (by_utc, in_shanghai, in_new_york)]
    assert found == [
        ("2026-03-02T08:00:00+00:00", "2026-03-02T17:00:00+00:00"),
        ("2026-03-02T00:00:00+00:00", "2026-03-02T09:00:00+00:00"),
        ("2026-03-02T13:00:00+00:00", "2026-03-02T22:00:00+00:00"),
    ]
    assert again.status_code == 304


async def test_a_new_calendar_is_one_of_where_the_company_is(
    client: httpx.AsyncClient, service: RunningService, move_to: MoveTo, agent: Caller
) -> None:
    await move_to("America/New_York")
    made = [
        (await client.post("/v1/work-calendars", json=body)).json()["time_zone"]
        for body in ({"name": "office"}, {"name": "上海", "time_zone": "Asia/Shanghai"})
    ]
    refused = await client.post("/v1/work-calendars", json={"name": "x", "time_zone": "Asia/Atlantis"})

    assert made == ["America/New_York", "Asia/Shanghai"]
    assert refused.json()["errors"][0]["pointer"] == "/time_zone"
    kept = await service.sql("SELECT count(*) FROM work_calendars WHERE tenant_id = $1", agent.tenant_id)
    assert kept == [(2,)]


async def test_people_without_a_calendar_can_be_had_for_forty_hours_a_week(
    client: httpx.AsyncClient, move_to: MoveTo
) -> None:
    await move_to("Asia/Shanghai")
    await client.post("/v1/resources", json={"name": "王芳", "kind": "person"})

    params = {"from": "2026-03-02", "to": "2026-03-08", "unit": "week"}
    answer = await client.get("/v1/portfolio/capacity", params=params)

    assert answer.status_code == 200, answer.text
    [row] = answer.json()["rows"]
    assert [one["capacity"] for one in row["cells"]] == [40.0]
