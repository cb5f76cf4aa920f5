"""Rules raise a risk once, and say when it could be closed."""

from typing import Any

import httpx
import orjson
import pytest

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.waiting import until
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, customer

RULE = {
    "code": "overdue",
    "title": {"en": "Deliveries are overdue", "zh": "交付逾期"},
    "category": "schedule",
    "expression": "deliveries.overdue > 0 && project.days_left > 100",
    "probability": 4,
    "impact": 4,
}


async def posted(client: httpx.AsyncClient, collection: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/v1/{collection}", json=body)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


async def looked(service: RunningService, who: Caller) -> dict[str, int]:
    """Let the rules look once more at the projects of a company; what became of them."""
    ours = "SELECT id, finished_at, counters FROM operations WHERE kind = 'risks.look' AND tenant_id = $1 ORDER BY id"

    async def known() -> bool:
        rows = await service.sql(
            "SELECT 1 FROM operation_sweeps WHERE NOT EXISTS (SELECT 1 FROM audit_entries WHERE seq IS NULL)"
        )
        return bool(rows)

    await until(known)
    before = {row["id"] for row in await service.sql(ours, who.tenant_id)}
    await service.sql("UPDATE operation_sweeps SET next_at = now() - interval '1 s' WHERE kind = 'risks.look'")

    async def ended() -> list[Any]:
        rows = await service.sql(ours, who.tenant_id)
        return [row for row in rows if row["finished_at"] and row["id"] not in before]

    counters = (await until(ended, seconds=60))[-1]["counters"]
    found: dict[str, int] = orjson.loads(counters) if isinstance(counters, str) else counters
    return found


async def test_a_rule_raises_one_risk_and_says_when_it_is_over(
    live: httpx.AsyncClient, working_service: RunningService, who: Caller
) -> None:
    state = customer()
    await deliver(working_service, CustomerCreated(state=state), tenant_id=who.tenant_id)
    project = await posted(
        live, "projects", customer_id=str(state.id), name="智慧园区", starts_on="2020-01-01", due_on="2199-12-31"
    )
    project = (await act(live, f"projects/{project['id']}", "approve", 1)).json()
    late = {"project_id": project["id"], "acceptance_criteria": ["签字"], "due_on": "2020-02-01"}
    delivery = await posted(live, "deliveries", name="安装", **late)
    rule = await posted(live, "risk-rules", **RULE)
    await posted(live, "risk-rules", **{**RULE, "code": "off", "enabled": False})
    await posted(live, "risk-rules", **{**RULE, "code": "quiet", "expression": "risks.exceeded > 50"})

    first, second = await looked(working_service, who), await looked(working_service, who)

    assert (first["looked_at"], first["raised"], second["raised"]) == (1, 1, 0)
    (risk,) = (await live.get(f"/v1/projects/{project['id']}/risks")).json()["items"]
    assert (risk["title"], risk["category"], risk["score"], risk["rule_id"]) == ("交付逾期", "schedule", 16, rule["id"])
    assert (risk["exceeded"], risk["close_suggested"], risk["created_by"][:7]) == (True, False, "system:")

    answer = await live.post(
        f"/v1/deliveries/{delivery['id']}/cancel", json={"reason": "x"}, headers={"if-match": '"1"'}
    )
    assert answer.status_code == 200, answer.text
    over, still = await looked(working_service, who), await looked(working_service, who)
    assert (over["could_be_closed"], still["could_be_closed"]) == (1, 0)
    suggested = (await live.get(f"/v1/risks/{risk['id']}")).json()
    assert (suggested["close_suggested"], suggested["status"]) == (True, "open")

    await posted(live, "deliveries", name="培训", **late)
    await looked(working_service, who)
    assert (await live.get(f"/v1/risks/{risk['id']}")).json()["close_suggested"] is False

    closed = await act(live, f"risks/{risk['id']}", "close", 4)
    assert closed.status_code == 200, closed.text
    assert (await looked(working_service, who))["raised"] == 1
    told = await working_service.sql(
        "SELECT type FROM outbox WHERE tenant_id = $1 AND aggregate_type = 'risk' ORDER BY id", who.tenant_id
    )
    assert [row["type"] for row in told] == [
        *("risk.raised", "risk.threshold_exceeded", "risk.close_suggested", "risk.close_suggested", "risk.closed"),
        *("risk.raised", "risk.threshold_exceeded"),
    ]


async def test_figures_of_monitoring_are_read(
    live: httpx.AsyncClient, working_service: RunningService, who: Caller, live_project: OpenProject
) -> None:
    project = await live_project(starts_on="2020-01-01")
    approved = await act(live, f"projects/{project['id']}", "approve", 1)
    assert approved.status_code == 200, approved.text
    issue = {"project_id": project["id"], "title": "接口超时", "severity": "critical"}
    await posted(live, "issues", **issue)
    expression = "issues.critical >= 1 && issues.open == 1 && !(performance.cpi < 0.5)"
    await posted(live, "risk-rules", **{**RULE, "expression": expression})

    assert (await looked(working_service, who))["raised"] == 1


async def test_overloaded_people_raise_a_risk(
    live: httpx.AsyncClient, working_service: RunningService, who: Caller, live_project: OpenProject
) -> None:
    project = await live_project(starts_on=str(utc_now().date()))
    fang = await posted(live, "resources", name="王芳", kind="person")
    needed = {"duration": 4800, "assignments": [{"resource_id": fang["id"]}]}
    plan = {"tasks": [{"key": name, "name": name, **needed} for name in ("安装", "培训")]}
    path = f"/v1/projects/{project['id']}"
    assert (await live.patch(f"{path}/plan", json=plan, headers={"if-match": '"0"'})).status_code == 200
    await posted(live, f"projects/{project['id']}/baselines", name="v1")
    assert (await act(live, f"projects/{project['id']}", "approve", 2)).status_code == 200
    many = "people.overloaded == 1 && people.hours_over_capacity >= 40"
    await posted(live, "risk-rules", **{**RULE, "category": "people", "expression": many})
    await posted(live, "risk-rules", **{**RULE, "code": "more", "expression": "people.overloaded > 1"})

    assert (await looked(working_service, who))["raised"] == 1


async def test_rules_are_defined_changed_and_removed(live: httpx.AsyncClient) -> None:
    rule = await posted(live, "risk-rules", **RULE)
    path = f"/v1/risk-rules/{rule['id']}"

    same_code = await live.post("/v1/risk-rules", json=RULE)
    patched = await live.patch(path, json={"impact": 2, "enabled": False}, headers={"if-match": '"1"'})
    gone = await live.delete(path, headers={"if-match": '"2"'})

    assert (same_code.status_code, same_code.json()["code"]) == (409, "already_exists")
    assert patched.json() == {
        **rule,
        "version": 2,
        "impact": 2,
        "enabled": False,
        "updated_at": patched.json()["updated_at"],
    }
    assert (gone.status_code, (await live.get(path)).status_code) == (204, 404)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"expression": "deliveries.late > 1"}, "/expression"),
        ({"expression": "deliveries.open +"}, "/expression"),
        ({"expression": "'逾期'"}, "/expression"),
        ({"probability": 6}, "/probability"),
        ({"code": "No"}, "/code"),
        ({"language": "de"}, "/language"),
        ({"title": {"en": "x"}}, "/title/zh"),
    ],
)
async def test_rules_that_make_no_sense_are_refused(
    live: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    refused = await live.post("/v1/risk-rules", json={**RULE, **change})

    assert (refused.status_code, [error["pointer"] for error in refused.json()["errors"]]) == (422, [pointer])
    assert (await live.get("/v1/risk-rules")).json()["items"] == []
