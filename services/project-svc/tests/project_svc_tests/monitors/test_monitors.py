"""Monitors: what is pushed and what is derived is told of once per crossing."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm_platform.clock import utc_now
from crm_platform.context import Cause, system_caller
from crm_platform.testing.plugin import RunningService
from crm_platform.uow import UnitOfWork
from project_svc.monitors import service as monitors
from project_svc_tests.execution.support import Site
from project_svc_tests.plan.support import work

LIMITS = {"bad": "above", "warning": "100", "critical": "200", "margin": "10"}


async def watching(site: Site, **fields: Any) -> str:
    body = {"project_id": str(site.planner.project_id), "name": "响应时间", "metric": "response_time", **LIMITS}
    made = await site.api.post("/v1/monitors", json=body | fields)
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


async def push(site: Site, path: str, value: float, at: str) -> str:
    body = {"value": str(value), "measured_at": f"2026-03-04T{at}:00Z"}
    answer = await site.api.post(f"{path}/measure", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["level"])


async def test_each_crossing_is_told_once(site: Site) -> None:
    path = await watching(site, unit="ms")

    measured = [("10:00", 90), ("10:01", 150), ("10:02", 160), ("10:03", 250), ("10:04", 120), ("10:05", 80)]
    levels = [await push(site, path, value, at) for at, value in measured]

    assert levels == ["normal", "warning", "warning", "critical", "warning", "normal"]
    assert [name for name, _ in await site.told("monitor")] == [
        *("monitor.created", "monitor.updated", "monitor.alerted", "monitor.updated", "monitor.alerted"),
        *("monitor.recovered", "monitor.recovered"),
    ]
    late = await push(site, path, 999, "09:00")
    assert (late, (await site.api.get(path)).json()["value"]) == ("normal", 80)


async def test_measurements_at_the_same_time_tell_of_one_crossing(site: Site) -> None:
    path = await watching(site)

    await asyncio.gather(*(push(site, path, 150 + minute, f"10:0{minute}") for minute in range(5)))

    told = [name for name, _ in await site.told("monitor")]
    assert told.count("monitor.alerted") == 1
    assert (await site.api.get(path)).json()["value"] == 154


async def look(shared: RunningService, site: Site) -> tuple[int, int, bool]:
    """Let the monitors measure, as their sweep does in a transaction of its own."""
    tenant = site.planner.who.tenant_id
    async with shared.as_worker() as connection:
        await connection.execute("SELECT set_config('crm.tenant_id', $1, true)", str(tenant))
        unit = UnitOfWork(connection, system_caller(tenant, "test"), Cause(actor="system:test"))
        return await monitors.watch(unit, 0)


async def test_derived_metrics_are_looked_at_and_are_not_for_others_to_measure(
    site: Site, shared: RunningService
) -> None:
    path = await watching(site, name="CPI", metric="cpi", bad="below", warning="0.95", critical="0.85", margin="0")
    refused = await site.api.post(f"{path}/measure", json={"value": "1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "metric_is_derived")
    issues = await watching(site, name="严重问题", metric="critical_issues", warning="0", critical="3", margin="0")
    body = {"project_id": str(site.planner.project_id), "title": "塌方", "severity": "critical"}
    assert (await site.api.post("/v1/issues", json=body)).status_code == 201

    first, second = await look(shared, site), await look(shared, site)

    assert (first, second) == ((2, 1, False), (2, 0, False))
    assert (await site.api.get(path)).json()["value"] is None
    assert (await site.api.get(issues)).json()["level"] == "warning"
    assert [name for name, _ in await site.told("monitor")] == ["monitor.created", "monitor.created", "monitor.alerted"]
    health = (await site.api.get(f"{site.path}/health")).json()
    assert health["health"] == "red"
    assert {"spi_low", "critical_issues", "monitor"} <= {one["code"] for one in health["reasons"]}
    assert [one["text"] for one in health["reasons"] if one["code"] == "monitor"] == ["严重问题"]


async def test_overloaded_people_are_watched(site: Site, shared: RunningService) -> None:
    monday = utc_now().date() + timedelta(7 - utc_now().weekday())
    fang = await site.api.post("/v1/resources", json={"name": "王芳", "kind": "person"})
    held = {"constraint_kind": "SNET", "constraint_at": f"{monday}T00:00:00Z"}
    both = [work(name, days=5, **held, assignments=[{"resource_id": fang.json()["id"]}]) for name in ("安装", "培训")]
    await site.planner.put(*both)
    assert (await site.api.post(f"{site.path}/baselines", json={"name": "v2"})).status_code == 201
    limits = {"margin": "0", "warning": "0", "critical": "39.5"}
    people = await watching(site, name="超负荷人数", metric="people.overloaded", **limits)
    hours = await watching(site, name="超负荷工时", metric="people.hours_over_capacity", **limits)
    refused = await site.api.post(f"{hours}/measure", json={"value": "1"})

    assert (await look(shared, site), await look(shared, site)) == ((2, 2, False), (2, 0, False))

    shown = [(await site.api.get(path)).json() for path in (people, hours)]
    assert [(one["value"], one["level"]) for one in shown] == [(1, "warning"), (40, "critical")]
    assert (refused.status_code, refused.json()["code"]) == (409, "metric_is_derived")


@pytest.mark.parametrize(
    ("fields", "status", "where"),
    [
        ({"critical": "50"}, 422, "/critical"),
        ({"metric": "Response time"}, 422, "/metric"),
        ({"warning": "1e400"}, 422, "/warning"),
        ({"margin": "-1"}, 422, "/margin"),
    ],
)
async def test_a_monitor_that_cannot_be_is_refused(site: Site, fields: dict[str, str], status: int, where: str) -> None:
    body = {"project_id": str(site.planner.project_id), "name": "?", "metric": "cpu", **LIMITS}

    refused = await site.api.post("/v1/monitors", json=body | fields)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (status, where)
    assert await site.told("monitor") == []


async def test_a_monitor_is_changed_and_removed_and_has_a_name_of_its_own(site: Site, shared: RunningService) -> None:
    path = await watching(site)
    body = {"project_id": str(site.planner.project_id), "name": "响应时间", "metric": "other", **LIMITS}
    twice = await site.api.post("/v1/monitors", json=body)
    patched = await site.api.patch(path, json={"warning": "300"}, headers={"if-match": '"1"'})
    moved = await site.api.patch(path, json={"warning": "150"}, headers={"if-match": '"1"'})
    async with shared.as_(replace(site.planner.who, id=site.planner.project_id, visibility="own")) as stranger:
        hidden = await stranger.post(f"{path}/measure", json={"value": "1"})
    gone = await site.api.delete(path, headers={"if-match": '"2"'})

    assert [one.status_code for one in (twice, patched, moved, hidden, gone)] == [409, 422, 200, 404, 204]
    assert [name for name, _ in await site.told("monitor")] == ["monitor.created", "monitor.updated", "monitor.deleted"]
