"""The portfolio: projects as they stand, kept up to date, filtered, and added up by currency."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_platform.context import Caller, FieldRule
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from project_svc_tests.execution.support import Site
from project_svc_tests.plan.support import Planner, work

MONEY = {"amount": "9000", "currency": "CNY"}


async def listed(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/portfolio/projects", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def totals(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/portfolio/totals", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["is_current"] is True
    return list(answer.json()["groups"])


async def posted(client: httpx.AsyncClient, collection: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/v1/{collection}", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def another(planner: Planner, name: str, **fields: Any) -> Planner:
    """Another project of the same customer, from 2 March 2026 on."""
    known = (await planner.api.get(f"/v1/projects/{planner.project_id}")).json()
    body = {"customer_id": known["customer_id"], "name": name, "starts_on": "2026-03-02", "due_on": "2199-12-31"}
    made = await posted(planner.api, "projects", **{**body, **fields})
    return replace(planner, project_id=UUID(made["id"]))


async def under_way(site: Site) -> None:
    """All of 5000 was planned by today, 2000 of it are earned, 2500 are spent, and 9000 are to be had."""
    path = f"/v1/projects/{site.planner.project_id}"
    await site.api.patch(path, json={"budget": MONEY}, headers={"if-match": '"1"'})
    await site.api.post(f"{path}/approve", json={}, headers={"if-match": '"2"'})
    assert (await site.report("dig", 50, "2026-03-04", actual_start="2026-03-02T08:00:00Z")).status_code == 201
    await spent(site, "2500")


async def spent(site: Site, amount: str) -> None:
    body = {"project_id": str(site.planner.project_id), "amount": {"amount": amount, "currency": "CNY"}}
    expense = await posted(site.api, "expenses", **body, category="travel", incurred_on="2026-03-03")
    async with site.planner.service.as_(replace(site.planner.who, id=new_id())) as boss:
        answer = await boss.post(f"/v1/expenses/{expense['id']}/approve", json={}, headers={"if-match": '"1"'})
        assert answer.status_code == 200, answer.text


async def test_a_project_is_listed_as_it_stands(site: Site) -> None:
    await under_way(site)
    ids = await site.planner.put(
        {"key": "m", "name": "上线", "kind": "milestone", "predecessors": [{"task": site.tasks["build"]}]}
    )
    about = {"project_id": str(site.planner.project_id)}
    delivery = await posted(
        site.api, "deliveries", **about, name="手册", due_on="2026-04-01", acceptance_criteria=["签字"]
    )
    await posted(site.api, "risks", **about, title="雨季", category="schedule", probability=4, impact=4)

    (found,) = await listed(site.api)

    assert (found["name"], found["status"], found["health"]) == ("智慧园区", "active", "red")
    money = {name: found[name] for name in ("currency", "bac", "pv", "ev", "ac", "eac", "margin")}
    assert list(money.values()) == ["CNY", "5000", "5000", "2000", "2500", "6250", "2750"]
    assert [found[name] for name in ("spi", "cpi", "percent_complete")] == [0.4, 0.8, 40]
    assert [one["code"] for one in found["reasons"]] == [
        *("spi_low", "cpi_low", "schedule_spi_low"),
        *("overdue_deliveries", "exceeded_risks"),
    ]
    assert found["reasons"][1]["text"]["zh"] == "工作成本高于计划（CPI）"
    assert (found["open_risks"], found["exceeded_risks"], found["risk_score"]) == (1, 1, 16)
    assert (found["overdue_tasks"], found["overdue_deliveries"], found["is_overdue"]) == (3, 1, False)
    assert found["next_milestone"] == {"task_id": ids["m"], "name": "上线", "at": "2026-03-13T17:00:00+00:00"}
    assert found["next_delivery"] == {"id": delivery["id"], "name": "手册", "due_on": "2026-04-01"}
    assert (found["planned_starts_at"], found["planned_finishes_at"]) == (
        "2026-03-02T08:00:00+00:00",
        "2026-03-13T17:00:00+00:00",
    )


async def test_the_next_delivery_follows_the_deliveries(site: Site, shared: RunningService) -> None:
    await under_way(site)
    known = {"project_id": str(site.planner.project_id), "acceptance_criteria": ["签字"]}
    first = await posted(site.api, "deliveries", **known, name="手册", due_on="2026-04-01")
    await posted(site.api, "deliveries", **known, name="培训", due_on="2026-05-01")
    who = site.planner.who

    async def due(**query: str) -> list[Any]:
        return [one["next_delivery"] and one["next_delivery"]["name"] for one in await listed(site.api, **query)]

    early = 'next_delivery.due_on < date("2026-04-15")'
    assert (await due(), await due(filter=early)) == (["手册"], ["手册"])
    gone = await site.api.post(
        f"/v1/deliveries/{first['id']}/cancel", json={"reason": "合并"}, headers={"if-match": '"1"'}
    )
    assert gone.status_code == 200, gone.text
    assert (await due(), await due(filter=early)) == (["培训"], [])
    blind = replace(who, scopes=frozenset({"projects:read"}))
    hidden = replace(who, fields=(FieldRule("deliveries", "name", "hidden"),))
    for caller in (blind, hidden):
        async with shared.as_(caller) as client:
            (one,) = await listed(client)
        assert (one["next_delivery"]["name"], one["next_delivery"]["due_on"]) == (None, "2026-05-01")


async def test_figures_follow_the_records_of_a_project(site: Site) -> None:
    await under_way(site)
    (before,) = await listed(site.api)

    await spent(site, "1500")
    (after,) = await listed(site.api, filter='ac > 3000 && health == "red"')
    none = await listed(site.api, filter="ac > 5000")

    assert [one["ac"] for one in (before, after)] == ["2500", "4000"]
    assert none == []


async def test_projects_are_sorted_with_the_worst_first_and_paged(site: Site) -> None:
    await under_way(site)
    await another(site.planner, "年度维保")
    late = await another(site.planner, "数据迁移", due_on="2026-06-30")
    await late.api.post(f"/v1/projects/{late.project_id}/approve", json={}, headers={"if-match": '"1"'})

    first = (await site.api.get("/v1/portfolio/projects", params={"limit": "2"})).json()
    rest = (await site.api.get("/v1/portfolio/projects", params={"limit": "2", "cursor": first["next_cursor"]})).json()
    by_name = await listed(site.api, sort="name", fields="name")

    both = first["items"] + rest["items"]
    assert [one["health"] for one in both] == ["red", "red", "green"]
    assert {one["name"] for one in both[:2]} == {"智慧园区", "数据迁移"}
    assert both[2]["name"] == "年度维保"
    assert (rest["next_cursor"], both[2]["bac"], both[2]["reasons"]) == (None, None, [])
    assert sorted(one["name"] for one in by_name) == sorted(one["name"] for one in both)


async def test_currencies_are_never_added(site: Site) -> None:
    await under_way(site)
    foreign = await another(site.planner, "海外仓", budget={"amount": "700", "currency": "USD"})
    await foreign.put(work("ship", fixed_cost={"amount": "300", "currency": "USD"}))
    await posted(site.api, f"projects/{foreign.project_id}/baselines", name="v1")

    found = await totals(site.api)
    by_status = await totals(site.api, group_by="status")
    dear = await totals(site.api, filter='currency == "USD"', group_by="health")

    assert [
        (one["currency"], one["projects"], one["bac"], one["eac"], one["budget"], one["margin"]) for one in found
    ] == [
        ("CNY", 1, "5000", "6250", "9000", "2750"),
        ("USD", 1, "300", "300", "700", "400"),
    ]
    assert (found[0]["spi"], found[0]["cpi"], found[0]["percent_complete"]) == (0.4, 0.8, 40)
    assert found[0]["health"] == {"green": 0, "amber": 0, "red": 1}
    assert [(one["key"], one["currency"]) for one in by_status] == [("active", "CNY"), ("planned", "USD")]
    assert [(one["key"], one["bac"], one["projects"]) for one in dear] == [("red", "300", 1)]


async def test_others_projects_are_neither_listed_nor_added(site: Site, shared: RunningService) -> None:
    await under_way(site)

    async with shared.as_(replace(site.planner.who, id=new_id(), visibility="own")) as stranger:
        assert (await listed(stranger), await totals(stranger)) == ([], [])
    async with shared.as_(replace(site.planner.who, tenant_id=new_id())) as foreigner:
        assert (await listed(foreigner), await totals(foreigner)) == ([], [])
    async with shared.as_(replace(site.planner.who, visibility="own")) as owner:
        assert len(await listed(owner)) == 1


async def test_whoever_may_not_see_budgets_does_not_see_margins(
    site: Site, shared: RunningService, who: Caller
) -> None:
    await under_way(site)
    rule = FieldRule(resource="projects", member="budget", level="hidden")

    async with shared.as_(replace(who, fields=(rule,))) as clerk:
        (project,) = await listed(clerk)
        (total,) = await totals(clerk)
        asking = await clerk.get("/v1/portfolio/totals", params={"filter": "budget.amount > 8000"})

    assert ("budget" in project, "margin" in project, project["eac"]) == (False, False, "6250")
    assert (total["budget"], total["margin"], total["eac"]) == (None, None, "6250")
    assert (asking.status_code, asking.json()["code"]) == (403, "member_not_seen")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("projects", {"filter": "colour == 1"}),
        ("projects", {"sort": "margin"}),
        ("totals", {"filter": "health =="}),
        ("totals", {"group_by": "moon"}),
        ("totals", {"cursor": "x"}),
    ],
)
async def test_what_cannot_be_asked_is_refused(api: httpx.AsyncClient, path: str, query: dict[str, str]) -> None:
    answer = await api.get(f"/v1/portfolio/{path}", params=query)

    assert answer.status_code in {400, 422}
    assert next(iter(query)) in answer.text
