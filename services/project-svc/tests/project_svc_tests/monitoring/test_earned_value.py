"""Earned value over HTTP: what was planned, done and spent as of any time; figures are counted by hand."""

from dataclasses import replace
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from crm_contracts.base import Money
from crm_contracts.inbound.v1 import ErpCostRecorded
from crm_platform.testing.companies import live_in
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.execution.support import Site
from project_svc_tests.plan.support import Planner, work

STARTED = {"actual_start": "2026-03-02T08:00:00Z"}


async def spend(site: Site, id: str, amount: str, day: str, *, task: str | None = None, currency: str = "CNY") -> None:
    message = ErpCostRecorded(
        cost_id=id,
        project_id=site.planner.project_id,
        task_id=None if task is None else site.tasks[task],
        amount=Money(amount=amount, currency=currency),
        incurred_on=date.fromisoformat(day),
    )
    await deliver(site.planner.service, message, tenant_id=site.planner.who.tenant_id, origin="erp")


async def under_way(site: Site) -> None:
    """On Wednesday 3/5 of the first task are due, 2/5 are done, and 2000 are spent; 100 belong to no task."""
    assert (await site.report("dig", 20, "2026-03-03", **STARTED)).status_code == 201
    assert (await site.report("dig", 40, "2026-03-04", **STARTED)).status_code == 201
    await spend(site, "a", "1900", "2026-03-03", task="dig")
    await spend(site, "b", "100", "2026-03-04")
    await spend(site, "c", "7", "2026-03-04", currency="USD")
    await spend(site, "d", "5000", "2026-03-05")


async def test_a_project_under_way_has_the_figures_of_that_day(site: Site) -> None:
    await under_way(site)

    found = await site.value("2026-03-04")

    amounts = {name: found[name] for name in ("bac", "pv", "ev", "ac", "sv", "cv")}
    assert amounts == {"bac": "5000", "pv": "2400", "ev": "1600", "ac": "2000", "sv": "-800", "cv": "-400"}
    assert [found[name] for name in ("spi", "cpi", "percent_complete", "percent_spent")] == [0.6667, 0.8, 32.0, 40.0]
    forecasts = found["forecasts"]
    assert forecasts["eac"] == {"typical": "6250", "atypical": "5400", "combined": "8375"}
    assert (forecasts["etc"]["typical"], forecasts["vac"]["typical"]) == ("4250", "-1250")
    assert (forecasts["tcpi_bac"], forecasts["tcpi_eac"]) == (1.1333, 0.8)
    assert (found["undefined"], found["other_costs"]) == ({}, [{"amount": "7", "currency": "USD"}])
    assert (found["baseline"]["number"], found["currency"], found["method"]) == (1, "CNY", "percent_complete")


async def test_earned_schedule_counts_working_minutes(site: Site) -> None:
    await under_way(site)

    schedule = (await site.value("2026-03-04"))["schedule"]

    assert (schedule["planned_duration"], schedule["actual_time"], schedule["earned_schedule"]) == (4800, 1440, 960)
    assert (schedule["sv"], schedule["spi"], schedule["ieac"], schedule["ieac_atypical"]) == (-480, 0.6667, 7200, 5280)
    assert schedule["earned_at"] == "2026-03-04T08:00:00Z"
    assert schedule["forecast_finish"] == "2026-03-20T17:00:00Z"
    assert schedule["adherence"] == 1.0


async def test_the_past_has_the_figures_that_it_had(site: Site) -> None:
    await under_way(site)

    found = await site.value("2026-03-03")
    before = await site.value("2026-02-27")

    assert [found[name] for name in ("pv", "ev", "ac", "spi", "cpi")] == ["1600", "800", "1900", 0.5, 0.4211]
    assert [before[name] for name in ("pv", "ev", "ac", "spi", "cpi")] == ["0", "0", "0", None, None]
    assert before["undefined"] == {"spi": "nothing_planned", "cpi": "no_actual_cost"}
    assert before["schedule"]["undefined"]["spi"] == "not_started"
    assert before["simple"]["undefined"] == {
        "progress_rate": "not_started",
        "outcome_rate": "no_actual_cost",
        "risk_ratio": "no_actual_cost",
    }


async def test_each_task_and_each_summary_has_its_own_figures(site: Site) -> None:
    await under_way(site)

    packages = {one["name"]: one for one in (await site.value("2026-03-04"))["work_packages"]}

    assert {name: (one["bac"], one["pv"], one["ev"], one["ac"]) for name, one in packages.items()} == {
        "dig": ("4000", "2400", "1600", "1900"),
        "build": ("1000", "0", "0", "0"),
        "工程": ("5000", "2400", "1600", "1900"),
    }
    assert (packages["工程"]["is_summary"], packages["dig"]["parent_id"]) == (True, packages["工程"]["task_id"])
    assert packages["build"]["undefined"] == {"spi": "nothing_planned", "cpi": "no_actual_cost"}


@pytest.mark.parametrize(
    ("query", "pv", "ev"),
    [
        ({"method": "zero_hundred"}, "2400", "0"),
        ({"method": "fifty_fifty"}, "2400", "2000"),
        ({"fixed_costs": "start"}, "2400", "1600"),
    ],
)
async def test_value_is_earned_by_the_rule_asked_for(site: Site, query: dict[str, str], pv: str, ev: str) -> None:
    await under_way(site)

    found = await site.value("2026-03-04", **query)

    assert (found["pv"], found["ev"]) == (pv, ev)


async def earning(site: Site, task: str, **earning: Any) -> httpx.Response:
    path = f"/v1/tasks/{site.tasks[task]}"
    version = (await site.api.get(path)).headers["etag"]
    return await site.api.patch(path, json={"earning": earning or None}, headers={"if-match": version})


async def test_a_task_earns_by_its_own_technique(site: Site) -> None:
    await under_way(site)
    reached = {"name": "开挖完成", "weight": 1, "reached_at": "2026-03-03T12:00:00Z"}
    left = {"name": "验收通过", "weight": 3}

    async def values(task: str, *days: str, **said: Any) -> list[str]:
        answer = await earning(site, task, **said)
        assert answer.status_code == 200, answer.text
        found = [await site.value(day, method="fifty_fifty") for day in days]
        return [next(one["ev"] for one in each["work_packages"] if one["name"] == task) for each in found]

    days = "2026-03-02", "2026-03-03", "2026-03-04"
    assert await values("dig", *days, technique="weighted_milestones", milestones=[reached, left]) == [
        *("0", "1000", "1000"),
    ]
    assert await values("build", *days, technique="apportioned_effort", base_task_id=site.tasks["dig"]) == [
        *("0", "250", "250"),
    ]
    assert await values("build", "2026-03-04") == ["0"]
    assert await values("dig", *days, technique="level_of_effort") == ["800", "1600", "2400"]
    assert await values("dig", *days, technique="zero_hundred") == ["0", "0", "0"]
    assert await values("dig", "2026-03-04", technique="percent_complete") == ["1600"]
    assert await values("dig", "2026-03-04") == ["2000"]


async def test_the_curve_knows_how_each_task_earns(site: Site) -> None:
    assert (await earning(site, "build", technique="level_of_effort")).status_code == 200
    steps = [{"name": "开挖完成", "weight": 2, "reached_at": "2026-03-03T12:00:00Z"}]
    assert (await earning(site, "dig", technique="weighted_milestones", milestones=steps)).status_code == 200

    curves = (await site.api.get(f"{site.path}/curves", params={"as_of": "2026-03-10T00:00:00Z"})).json()

    known = {one["at"]: one["ev"] for one in curves["points"]}
    at = ("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z", "2026-03-10T00:00:00Z")
    assert [known[one] for one in at] == ["0", "4000", "4200"]


async def test_fixed_costs_are_those_of_the_baseline(planner: Planner) -> None:
    """Whatever has become of the task since."""
    price = {"currency": "CNY"}
    tasks = await planner.put(work("dig", days=5, fixed_cost=price | {"amount": "1000"}))
    path = f"/v1/projects/{planner.project_id}"
    assert (await planner.api.post(f"{path}/baselines", json={"name": "批准"})).status_code == 201
    await planner.edit(tasks=[{"id": tasks["dig"], "fixed_cost": price | {"amount": "9000"}}])

    found = {
        accrual: (
            await planner.api.get(
                f"{path}/earned-value", params={"as_of": "2026-03-04T17:00:00Z", "fixed_costs": accrual}
            )
        ).json()
        for accrual in ("start", "prorated", "end")
    }

    assert {name: (one["bac"], one["pv"]) for name, one in found.items()} == {
        "start": ("1000", "1000"),
        "prorated": ("1000", "600"),
        "end": ("1000", "0"),
    }


async def test_plain_rates_stand_beside_them(site: Site) -> None:
    await under_way(site)
    risk = {"project_id": str(site.planner.project_id), "title": "雨季", "category": "schedule"}
    raised = await site.api.post("/v1/risks", json=risk | {"probability": 3, "impact": 4})
    assert raised.status_code == 201, raised.text

    simple = (await site.value("2026-03-04"))["simple"]

    assert (simple["progress_rate"], simple["outcome_rate"], simple["risk_ratio"]) == (0.6667, 0.008, 0.5)
    assert (simple["budget_total"], simple["time_total"], simple["risk_total"]) == ("5000", 80.0, 12)


async def test_the_last_baseline_set_by_then_is_what_was_planned(site: Site) -> None:
    await site.baseline(("dig", "2026-03-02", "2026-03-06", 9000), at="2026-03-04", number=2)

    assert [(await site.value(day))["bac"] for day in ("2026-03-03", "2026-03-04")] == ["5000", "9000"]
    assert (await site.value("2026-01-01"))["baseline"]["number"] == 1


async def test_progress_that_a_plan_was_edited_to_counts_too(site: Site) -> None:
    path = f"/v1/tasks/{site.tasks['dig']}"
    finished = {"actual_start": "2026-03-02T08:00:00Z", "actual_finish": "2026-03-05T17:00:00Z"}
    edited = await site.api.patch(path, json=finished, headers={"if-match": '"1"'})
    assert edited.status_code == 200, edited.text

    assert [(await site.value(day))["ev"] for day in ("2026-03-04", "2026-03-05")] == ["0", "4000"]


async def test_without_a_baseline_there_is_nothing_to_compare_with(site: Site, shared: RunningService) -> None:
    body = {
        "customer_id": (await site.api.get(site.path)).json()["customer_id"],
        "name": "空项目",
        "due_on": "2026-12-31",
    }
    other = (await site.api.post("/v1/projects", json=body)).headers["location"]

    empty = await site.api.get(f"{other}/earned-value")
    strange = await site.api.get(f"{site.path}/earned-value", params={"as_of": "yesterday"})
    async with shared.as_(replace(site.planner.who, id=site.planner.project_id, visibility="own")) as stranger:
        hidden = await stranger.get(f"{site.path}/earned-value")

    assert (empty.status_code, empty.json()["code"]) == (409, "no_baseline")
    assert strange.status_code in {400, 422}
    assert hidden.status_code == 404


async def test_curves_have_a_point_a_day_and_know_nothing_of_the_future(site: Site) -> None:
    await under_way(site)

    answer = await site.api.get(f"{site.path}/curves", params={"as_of": "2026-03-04T17:00:00Z"})

    points = {one["at"]: one for one in answer.json()["points"]}
    assert list(points)[:3] == ["2026-03-02T08:00:00Z", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"]
    assert list(points)[-1] == "2026-03-13T17:00:00Z"
    now, end = points["2026-03-04T17:00:00Z"], points["2026-03-13T17:00:00Z"]
    assert (now["pv"], now["ev"], now["ac"], now["work_planned"], now["work_remaining"]) == (
        "2400",
        "1600",
        "2000",
        56,
        64,
    )
    assert (end["pv"], end["ev"], end["ac"], end["work_planned"], end["work_remaining"]) == (
        "5000",
        None,
        None,
        0,
        None,
    )


@pytest.mark.parametrize(("chart", "series"), [("s-curve", 3), ("burn-down", 2)])
async def test_curves_are_drawn_in_the_language_of_the_caller(
    site: Site, shared: RunningService, chart: str, series: int
) -> None:
    await under_way(site)
    path, query = f"{site.path}/chart", {"as_of": "2026-03-04T17:00:00Z", "chart": chart}

    async with shared.as_(replace(site.planner.who, language="zh")) as client:
        svg = await client.get(path, params=query)
        png = await client.get(path, params=query | {"format": "png"})
        await live_in(shared, site.planner.who.tenant_id, "Asia/Shanghai")
        in_shanghai = await client.get(path, params=query)

    assert (svg.headers["content-type"], png.headers["content-type"]) == ("image/svg+xml", "image/png")
    root = ET.fromstring(svg.text)  # noqa: S314 - made here
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == series
    assert "截至 2026-03-04" in svg.text
    assert "截至 2026-03-05" in in_shanghai.text
    assert "智慧园区" in svg.text
    assert png.content.startswith(b"\x89PNG")


async def test_a_portfolio_adds_what_is_of_one_currency(site: Site, shared: RunningService) -> None:
    await under_way(site)
    await site.api.post(f"{site.path}/approve", json={}, headers={"if-match": '"1"'})

    found = await portfolio(site.api)
    async with shared.as_(replace(site.planner.who, id=site.planner.project_id, visibility="own")) as stranger:
        nothing = await portfolio(stranger)

    assert [(one["name"], one["ev"], one["schedule_spi"]) for one in found["projects"]] == [
        ("智慧园区", "1600", 0.6667)
    ]
    (total,) = found["totals"]
    assert (total["currency"], total["projects"], total["bac"], total["cpi"]) == ("CNY", 1, "5000", 0.8)
    assert (total["eac"]["typical"], found["truncated"]) == ("6250", False)
    assert (nothing["projects"], nothing["totals"]) == ([], [])


async def portfolio(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/v1/portfolio/earned-value", params={"as_of": "2026-03-04T17:00:00Z"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
