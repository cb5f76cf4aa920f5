"""The whole story on real processes, on real data where it is there, with a kill -9 of every kind of process."""

import asyncio
import signal
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from dirty_equals import IsDatetime, IsPartialDict

from crm_platform.testing.waiting import until
from crm_runtime.demo.api import Api
from crm_runtime.demo.partners import Partners
from crm_runtime.demo.story import Ending
from tests.e2e.conftest import REAL_DATA
from tests.real_system import RealSystem, crm

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


def summed(deals: list[dict[str, str]], stage: str) -> Decimal:
    return sum((Decimal(deal["close_value"] or 0) for deal in deals if deal["deal_stage"] == stage), Decimal())


async def test_the_figures_are_those_of_the_files(ending: Ending, deals: list[dict[str, str]]) -> None:
    counts = Counter(deal["deal_stage"].lower() for deal in deals)
    stages = {stage["stage"]: stage for stage in ending.sales["stages"]}

    assert {name: stage["count"] for name, stage in stages.items()} == dict(counts)
    assert Decimal(stages["won"]["value"]["amount"]) == summed(deals, "Won")
    assert ending.sales["win_rate"] == round(counts["won"] / (counts["won"] + counts["lost"]), 4)


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the real data set is not beside the project")
async def test_the_figures_of_the_real_data_are_exact(ending: Ending) -> None:
    stages = {stage["stage"]: (stage["count"], stage["value"]) for stage in ending.sales["stages"]}

    assert stages == {
        "prospecting": (500, None),
        "engaging": (1589, None),
        "won": (4238, {"amount": "10005534", "currency": "USD"}),
        "lost": (2473, {"amount": "0", "currency": "USD"}),
    }
    assert ending.sales["win_rate"] == 0.6315


async def test_each_agent_has_the_deals_of_the_files(ending: Ending, deals: list[dict[str, str]]) -> None:
    expected: dict[str, list[Any]] = {}
    for deal in deals:
        figures = expected.setdefault(deal["sales_agent"], [0, 0, 0, Decimal()])
        figures[{"Won": 1, "Lost": 2}.get(deal["deal_stage"], 0)] += 1
        if deal["deal_stage"] == "Won":
            figures[3] += Decimal(deal["close_value"])
    found: dict[str, list[Any]] = {}
    for agent in ending.sales["agents"]:
        figures = found.setdefault(agent["agent"], [0, 0, 0, Decimal()])
        for index, name in enumerate(("open", "won", "lost")):
            figures[index] += agent[name]
        figures[3] += Decimal(agent["won_value"]["amount"]) if agent["won_value"] else 0

    assert found == expected


async def test_nothing_is_lost_and_nothing_doubled(
    ending: Ending, system: RealSystem, api: Api, deals: list[dict[str, str]]
) -> None:
    assert ending.project["status"] == "completed"
    won = sum(deal["deal_stage"] == "Won" for deal in deals)
    assert await api.count("/opportunities") == len(deals)
    assert await api.count("/orders") == won
    assert await api.count("/projects") == won
    for package in ("customer_svc", "sales_svc", "project_svc", "service_desk_svc", "gateway"):

        async def published(package: str = package) -> bool:
            return not await system.rows(package, "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1")

        await until(published, seconds=60)
        broken = await system.rows(
            package,
            """SELECT aggregate_type, aggregate_id FROM outbox WHERE NOT snapshot GROUP BY 1, 2
            HAVING min(version) <> 1 OR max(version) <> count(*)""",
        )
        assert broken == [], package
    for package in ("customer_svc", "sales_svc", "project_svc", "service_desk_svc", "analytics_svc"):
        letters = await system.rows(package, "SELECT type, reason FROM dead_letter")
        assert [(letter["type"], letter["reason"]) for letter in letters] == [], package


COPIES = {
    "customers": ("customer_svc", "customers", "name, status"),
    "opportunities": ("sales_svc", "opportunities", "stage, value_amount, owner_id"),
    "orders": ("sales_svc", "orders", "total_amount, paid_amount, status"),
    "projects": ("project_svc", "projects", "status, due_on"),
    "deliveries": ("project_svc", "deliveries", "status, on_time, submissions"),
    "risks": ("project_svc", "risks", "score, exceeded, status"),
    "tickets": ("service_desk_svc", "tickets", "status, kind"),
    "surveys": ("service_desk_svc", "surveys", "status, score"),
    "people": ("gateway", "users", "name, team_id"),
}


@pytest.mark.parametrize("copy", sorted(COPIES))
async def test_what_analytics_knows_equals_what_the_services_have(
    ending: Ending, system: RealSystem, copy: str
) -> None:
    assert ending.sales["stages"]
    package, table, columns = COPIES[copy]

    async def difference() -> list[Any]:
        statement = f"""(SELECT id, version, {columns} FROM analytics_svc.{copy}
            EXCEPT ALL SELECT id, version, {columns} FROM {package}.{table})
            UNION ALL (SELECT id, version, {columns} FROM {package}.{table}
            EXCEPT ALL SELECT id, version, {columns} FROM analytics_svc.{copy})"""
        return await system.rows("public", statement)

    async def equal() -> bool:
        return not await difference()

    await until(equal, seconds=30)


async def test_the_360_view_joins_five_services(ending: Ending, api: Api) -> None:
    customer = ending.customer
    of_customer = f"customer_id == '{customer['id']}'"
    view = await api.get(f"/customers/{customer['id']}/360")

    assert view["missing"] == []
    assert view["customer"] == await api.get(f"/customers/{customer['id']}")
    for part, group, path in (
        ("communications", "customer", "/communications"),
        ("opportunities", "sales", "/opportunities"),
        ("orders", "sales", "/orders"),
        ("projects", "projects", "/projects"),
        ("deliveries", "projects", "/deliveries"),
        ("risks", "projects", "/risks"),
        ("tickets", "service", "/tickets"),
        ("surveys", "service", "/surveys"),
        ("service_periods", "service", "/service-periods"),
    ):
        known = {item["id"]: item for item in await api.find(path, of_customer)}
        shown = _part(view, group, part)["items"]
        assert shown, part
        assert all(item == known[item["id"]] for item in shown), part
    report = await api.get(f"/reports/customers/{customer['id']}")
    assert {**_analytics(view), "as_of": ...} == {**report, "as_of": ...}


def _part(view: dict[str, Any], group: str, part: str) -> dict[str, Any]:
    members = view.get(group)
    found: dict[str, Any] = members[part] if isinstance(members, dict) and part in members else view[part]
    return found


def _analytics(view: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = view["analytics"]
    return found


async def test_the_story_left_its_traces(ending: Ending, system: RealSystem, api: Api) -> None:
    of_project = f"project_id == '{ending.project['id']}'"
    deliveries = await api.find("/deliveries", of_project)
    (ticket,) = await api.find("/tickets", of_project)
    surveys = await api.find("/surveys", of_project)
    meetings = await api.find("/communications", f"customer_id == '{ending.customer['id']}'")
    risks = await api.find("/risks", of_project)

    assert ending.project == IsPartialDict(
        status="completed", approved_by="OA", completed_at=IsDatetime(iso_string=True)
    )
    assert sorted(delivery["submissions"] for delivery in deliveries) == [1] * (len(deliveries) - 1) + [2]
    assert {delivery["status"] for delivery in deliveries} == {"accepted"}
    assert ticket == IsPartialDict(status="resolved", kind="complaint", in_service_period=True)
    assert sorted(survey["score"] for survey in surveys) == [3] + [5] * (len(surveys) - 1)
    assert [meeting["external_refs"] for meeting in meetings] == [[{"system": "oa", "external_id": "M-000001"}]]
    assert any(risk["title"].startswith("关键人员") and risk["status"] == "mitigating" for risk in risks)
    assert ending.customer["payment_terms_days"] == 45
    told = await system.rows(
        "project_svc",
        "SELECT type FROM outbox WHERE aggregate_id = ANY ($1) ORDER BY id",
        [risk["id"] for risk in risks if risk["title"].startswith("关键人员")],
    )
    assert [row["type"] for row in told] == ["risk.raised", "risk.threshold_exceeded", "risk.assessed"]


async def test_the_audit_trail_is_sound(ending: Ending, system: RealSystem) -> None:
    assert ending.customer["id"]

    async def sealed() -> bool:
        rows = await system.rows("sales_svc", "SELECT 1 FROM audit_entries WHERE seq IS NULL LIMIT 1")
        return not rows

    await until(sealed, seconds=60)
    checked = await asyncio.to_thread(crm, "audit", "verify", "--data-dir", str(system.folder))

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("sound") == 6


async def test_a_second_load_changes_nothing(
    ending: Ending, system: RealSystem, partners: Partners, company: tuple[Path, Path]
) -> None:
    assert ending.customer["id"]
    before = await system.rows("sales_svc", "SELECT count(*), max(id) FROM outbox")

    await partners.load(*company, system.folder / "errors.csv", lambda *_: None)

    after = await system.rows("sales_svc", "SELECT count(*), max(id) FROM outbox")
    assert [tuple(row) for row in after] == [tuple(row) for row in before]


async def test_the_view_says_which_part_is_missing_when_a_service_is_down(ending: Ending, system: RealSystem) -> None:
    path = f"{system.gateway_url}/api/v1/customers/{ending.customer['id']}/360"
    headers = {"authorization": f"Bearer {system.secrets['demo_api_key']}"}
    victim = system.process("service-desk-svc")
    assert victim is not None
    victim.signal(signal.SIGSTOP)
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.get(path, headers=headers)
    finally:
        victim.signal(signal.SIGCONT)

    assert answer.status_code == 200
    assert {missing["service"] for missing in answer.json()["missing"]} == {"service-desk-svc"}
    assert answer.json()["customer"]["id"] == ending.customer["id"]
