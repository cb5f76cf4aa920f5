"""Opening projects from a template, seeing before what they would be, and making a template of one."""

from typing import Any
from uuid import UUID

import pytest

from crm_contracts.base import Money
from crm_platform.errors import DomainError
from crm_platform.testing.identity import caller
from project_svc_tests.project_templates.conftest import Company
from project_svc_tests.project_templates.contents import whole
from project_svc_tests.project_templates.test_life import refused
from project_svc_tests.support import record_of, take_in, won

PARTS = ("delivery", "delivery_schedule", "risk", "quality_gate", "outcome", "monitor", "task", "plan", "project")


async def people(company: Company) -> dict[str, str]:
    """Two people who know some Java, and one who is not planned any more."""
    known = {"李雷": ["java", "architecture"], "韩梅": ["java"], "王芳": ["java", "welding"]}
    ids = {}
    for name, skills in known.items():
        ids[name] = (await company.post("resources", name=name, kind="person", skills=skills))["id"]
    path = f"/v1/resources/{ids['王芳']}"
    away = await company.api.patch(path, json={"active": False}, headers={"if-match": '"1"'})
    assert away.status_code == 200
    return ids


async def dates(company: Company, project_id: Any) -> dict[str, tuple[str, str]]:
    schedule = await company.get(f"projects/{project_id}/schedule")
    return {one["name"]: (one["start"][:16], one["finish"][:16]) for one in schedule["tasks"]}


async def test_a_project_begins_with_all_that_its_template_has(company: Company) -> None:  # allow short-function: whole
    staff = await people(company)
    template = await company.published("rollout", name="门店推广", content=whole())

    planner = await company.open(template="rollout", budget={"amount": "50000", "currency": "CNY"})

    project = await company.get(f"projects/{planner.project_id}")
    assert (project["name"], project["due_on"]) == ("上海观心科技有限公司 · 门店推广", "2026-04-27")
    assert (project["template"], project["template_id"], project["template_edition"]) == ("rollout", template["id"], 1)
    assert (project["objectives"], project["risk_threshold"], project["status"]) == (["上线"], 10, "draft")
    plan = await planner.plan()
    assert [(one["name"], one["outline"], one["kind"]) for one in plan["tasks"]] == [
        ("设计", "1", "summary"),
        ("方案", "1.1", "task"),
        ("评审通过", "1.2", "milestone"),
        ("开发", "2", "task"),
    ]
    ids = {one["name"]: one["id"] for one in plan["tasks"]}
    build = plan["tasks"][3]
    assert (build["constraint_at"], build["deadline"]) == ("2026-03-16T08:00:00+00:00", "2026-05-01T17:00:00+00:00")
    assert build["earning"] == {"technique": "apportioned_effort", "milestones": [], "base_task_id": ids["方案"]}
    assert build["predecessors"] == [{"task_id": ids["评审通过"], "kind": "FS", "lag": 0, "elapsed": False}]
    assigned = {one["name"]: [(a["resource_id"], a["units"]) for a in one["assignments"]] for one in plan["tasks"]}
    assert assigned["方案"] == [(staff["李雷"], 100), (staff["韩梅"], 50)]
    assert assigned["开发"] == [(staff["韩梅"], 100)]
    assert await dates(company, planner.project_id) == {
        "设计": ("2026-03-02T08:00", "2026-03-09T17:00"),
        "方案": ("2026-03-02T08:00", "2026-03-06T17:00"),
        "评审通过": ("2026-03-09T17:00", "2026-03-09T17:00"),
        "开发": ("2026-03-16T08:00", "2026-03-27T17:00"),
    }
    deliveries = await company.items(f"projects/{planner.project_id}/deliveries", sort="due_on")
    assert [(one["name"], one["due_on"]) for one in deliveries] == [("系统", "2026-04-13"), ("手册", "2026-04-16")]
    assert (deliveries[0]["acceptance_criteria"], deliveries[1]["part_of"]) == (["可用"], deliveries[0]["id"])
    (risk,) = await company.items(f"projects/{planner.project_id}/risks")
    shown = ("score", "exceeded", "status", "response", "strategy", "residual_score", "task_ids")
    assert {name: risk[name] for name in shown} == {
        "score": 12,
        "exceeded": True,
        "status": "mitigating",
        "response": "每周评审",
        "strategy": "mitigate",
        "residual_score": 6,
        "task_ids": [ids["开发"]],
    }
    assert [(one["title"], one["due_on"]) for one in risk["actions"]] == [("冻结需求", "2026-03-16")]
    (gate,) = await company.items("quality-gates")
    assert (gate["planned_on"], gate["task_id"]) == ("2026-04-06", ids["评审通过"])
    assert gate["delivery_id"] == deliveries[0]["id"]
    assert [(one["text"], one["mandatory"]) for one in gate["checklist"]] == [("压测通过", True), ("文档齐备", False)]
    (recurring,) = await company.items("delivery-schedules")
    assert (recurring["first_due_on"], recurring["count"]) == ("2026-04-02", 3)
    (outcome,) = await company.items("outcomes")
    assert (outcome["measure_on"], outcome["review_on"]) == (["2026-05-31", "2026-08-29"], "2027-03-02")
    (monitor,) = await company.items("monitors")
    assert (monitor["metric"], monitor["critical"]) == ("response_time", 500.5)


async def test_a_preview_says_what_would_be_and_keeps_nothing(company: Company) -> None:
    staff = await people(company)
    draft = await company.draft("rollout", content=whole())
    before = await company.told(*PARTS)

    seen = await company.post(f"project-templates/{draft['id']}/preview", starts_on="2026-03-07")

    assert (seen["starts_on"], seen["due_on"]) == ("2026-03-07", "2026-05-04")
    assert (seen["starts_at"], seen["finishes_at"]) == ("2026-03-09T08:00:00Z", "2026-04-03T17:00:00Z")
    assert [(one["key"], one["starts_at"][:10], one["finishes_at"][:10], one["critical"]) for one in seen["tasks"]] == [
        ("design", "2026-03-09", "2026-03-16", False),
        ("draft", "2026-03-09", "2026-03-13", False),
        ("agreed", "2026-03-16", "2026-03-16", False),
        ("build", "2026-03-23", "2026-04-03", True),
    ]
    assert seen["tasks"][3]["resource_ids"] == [staff["韩梅"]]
    assert seen["unassigned"] == [{"task": "build", "skills": ["welding"], "resource_id": None}]
    assert seen["deliverables"] == [{"name": "系统", "on": "2026-04-20"}, {"name": "手册", "on": "2026-04-21"}]
    assert seen["quality_gates"] == [{"name": "上线评审", "on": "2026-04-13"}]
    assert seen["outcomes"] == [{"name": "等待时间", "on": "2027-03-07"}]
    assert (seen["risks"], seen["monitors"], seen["counts"]["tasks"]) == (["需求变更"], ["响应时间"], 4)
    assert await company.told(*PARTS) == before == []
    assert await company.items("projects") == await company.items("tasks") == []


async def test_a_day_that_somebody_names_goes_before_the_template(company: Company) -> None:
    await company.published("rollout", content=whole())

    planner = await company.open(template="rollout", due_on="2026-04-01", risk_threshold=25, objectives=["试点"])

    project = await company.get(f"projects/{planner.project_id}")
    assert (project["due_on"], project["risk_threshold"], project["objectives"]) == ("2026-04-01", 25, ["试点"])
    deliveries = await company.items(f"projects/{planner.project_id}/deliveries")
    assert {one["due_on"] for one in deliveries} == {"2026-04-01"}


def broken(part: str, place: int, **members: Any) -> dict[str, Any]:
    content = whole()
    (content["plan"]["tasks"] if part == "tasks" else content[part])[place].update(members)
    return content


BROKEN = [
    (broken("tasks", 1, parent="nowhere"), "/content/plan/tasks/1/parent", "unknown_task"),
    (broken("tasks", 2, key="draft"), "/content/plan/tasks/2/key", "key_used_twice"),
    (broken("tasks", 1, predecessors=[{"task": "agreed"}]), "/content/plan/tasks/1", "task_cycle"),
    (broken("tasks", 3, constraint_kind="FNLT"), "/content/plan/tasks/3", "constraint_impossible"),
    (broken("tasks", 3, constraint_kind="ASAP"), "/content/plan/tasks/3/constraint_at", "constraint_without_date"),
    (
        broken("tasks", 3, fixed_cost={"amount": "1", "currency": "EUR"}),
        "/content/plan/tasks/3/fixed_cost/currency",
        "other_currency",
    ),
    (
        broken("tasks", 3, deadline={"days": 100_000, "working": True}),
        "/content/plan/tasks/3",
        "out_of_calendar",
    ),
    (
        broken("tasks", 3, deadline={"days": 100_000}),
        "/content/plan/tasks/3/deadline",
        "less_than_equal",
    ),
    (broken("deliverables", 1, part_of="nothing"), "/content/deliverables/1/part_of", "unknown_key"),
    (broken("deliverables", 1, key="system", part_of=None), "/content/deliverables/1/key", "key_used_twice"),
    (broken("deliverables", 0, due_on={"days": 90_000}), "/content/deliverables/0/due_on", "less_than_equal"),
    (broken("recurring_deliverables", 0, count=None), "/content/recurring_deliverables/0", "schedule_needs_one_end"),
    (broken("risks", 0, tasks=["build", "x"]), "/content/risks/0/tasks/1", "unknown_key"),
    (broken("risks", 0, impact=7), "/content/risks/0/impact", "not_on_scale"),
    (broken("risks", 0, residual_impact=None), "/content/risks/0", "half_residual"),
    (broken("quality_gates", 0, task="x"), "/content/quality_gates/0/task", "unknown_key"),
    (broken("outcomes", 0, target="120"), "/content/outcomes/0", "target_not_ahead"),
    (broken("monitors", 0, critical="1"), "/content/monitors/0/critical", "not_worse_than_warning"),
]


async def test_a_content_that_cannot_be_is_not_published_and_says_where(company: Company) -> None:
    draft = await company.draft("rollout")
    for content, pointer, code in BROKEN:
        draft = (await company.patch(draft, content=content)).json()
        answer = await company.act(draft, "publish")
        status, kind, places = refused(answer)
        assert (status, kind, places[0]) == (409, "template_refused", (pointer, code)), answer.text
        seen = await company.api.post(f"/v1/project-templates/{draft['id']}/preview", json={})
        assert refused(seen) == refused(answer)

    assert await company.told(*PARTS) == []
    assert (await company.get(f"project-templates/{draft['id']}"))["status"] == "draft"


async def test_a_project_is_opened_wholly_or_not_at_all(company: Company) -> None:
    template = await company.published("rollout", content=whole(), rule="true")
    await company.service.sql(
        "UPDATE project_template_contents SET content = jsonb_set(content, '{risks,0,impact}', '7')"
        " WHERE template_id = $1",
        UUID(template["id"]),
    )

    answer = await company.try_open(template="rollout")

    assert refused(answer) == (409, "template_refused", [("/content/risks/0/impact", "not_on_scale")])
    with pytest.raises(DomainError, match="No project can be opened"):
        await take_in(company.service, [record_of(won(customer_id=company.customer_id), company.who.tenant_id)])
    assert await company.told(*PARTS) == []


async def test_a_project_becomes_a_template_and_that_the_same_project(company: Company) -> None:
    await people(company)
    template = await company.published("rollout", content=whole())
    planner = await company.open(template="rollout")

    saved = await company.draft("copy", project_id=str(planner.project_id))

    content = (await company.get(f"project-templates/{saved['id']}"))["content"]
    original = (await company.get(f"project-templates/{template['id']}"))["content"]
    assert saved["source_project_id"] == str(planner.project_id)
    assert saved["counts"] == template["counts"]
    assert content["plan"]["tasks"][1]["needs"] == [
        {"skills": ["java", "architecture"], "resource_id": None, "units": 100, "effort": None},
        {"skills": ["java"], "resource_id": None, "units": 50, "effort": None},
    ]
    for name in ("recurring_deliverables", "outcomes", "monitors"):
        assert content[name] == original[name], name
    assert content["charter"] == original["charter"]
    assert content["risks"] == [{**original["risks"][0], "tasks": ["t4"]}]
    assert content["quality_gates"] == [{**original["quality_gates"][0], "task": "t3", "deliverable": "d1"}]
    assert [(one["key"], one["part_of"]) for one in content["deliverables"]] == [("d1", None), ("d2", "d1")]
    assert [one["due_on"] for one in content["deliverables"]] == [
        {"days": 30, "working": True},
        {"days": 33, "working": True},
    ]
    assert (await company.act(saved, "publish")).status_code == 200
    again = await company.open(template="copy")
    assert await dates(company, again.project_id) == await dates(company, planner.project_id)


async def test_a_won_deal_becomes_a_project_of_the_template_whose_rule_is_true(company: Company) -> None:
    content = {"charter": {"due_on": {"days": 20}}, "monitors": whole()["monitors"]}
    everything = await company.published("standard", content=content, rule="true")
    draft = await company.draft("large", content=content)
    rule = "deal.amount >= 500000.0 && deal.currency == 'CNY'"
    large = await company.act((await company.patch(draft, deal_rule=rule, deal_priority=10)).json(), "publish")
    deals = [("智慧园区", Money(amount="500000", currency="CNY")), ("Smart park", None)]
    records = [
        record_of(won(name, customer_id=company.customer_id, value=value), company.who.tenant_id)
        for name, value in deals
    ]

    await take_in(company.service, records)

    opened = {one["name"]: one for one in await company.items("projects")}
    assert {name: (one["template"], one["template_id"], one["due_on"]) for name, one in opened.items()} == {
        "智慧园区": ("large", large.json()["id"], "2017-03-21"),
        "Smart park": ("standard", everything["id"], "2017-03-21"),
    }
    assert await company.told("monitor", "delivery") == [("monitor.created", 1)] * 2
    assert opened["智慧园区"]["budget"] == {"amount": "500000", "currency": "CNY"}


async def test_a_template_shows_nothing_of_a_project_that_its_author_may_not_see(company: Company) -> None:
    planner = await company.open(due_on="2026-12-31")
    body = {"code": "copy", "project_id": str(planner.project_id)}
    scopes = ("templates:write", "projects:read", "deliveries:read", "outcomes:read", "risks:read")
    tenant_id = company.who.tenant_id
    authors = {
        "403": caller(*scopes[:-1], tenant_id=tenant_id),
        "409": caller(*scopes, tenant_id=tenant_id, visibility="own"),
        "201": caller(*scopes, tenant_id=tenant_id),
    }

    told = {}
    for name, author in authors.items():
        async with company.service.as_(author) as api:
            told[name] = str((await api.post("/v1/project-templates", json=body)).status_code)

    assert told == {name: name for name in authors}
    assert await company.told("project_template") == [("project_template.drafted", 1)]
