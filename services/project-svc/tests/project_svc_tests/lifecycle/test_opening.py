from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from project_svc_tests.support import told


async def test_a_project_from_a_template_has_its_deliverables_and_risks(  # allow short-function: one answer, whole
    client: httpx.AsyncClient, service: RunningService, agent: Caller, customer_id: UUID
) -> None:
    body = {
        "customer_id": str(customer_id),
        "name": " ERP 上线 ",
        "template": "implementation",
        "starts_on": "2024-01-31",
        "budget": {"amount": "250000.00", "currency": "CNY"},
        "objectives": [" 上线 "],
        "scope_out": ["数据迁移"],
        "manager_id": str(agent.id),
        "contract_reference": "HT-2024-001",
    }

    answer = await client.post("/v1/projects", json=body)

    assert answer.status_code == 201, answer.text
    project = answer.json()
    authored = {
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": project["created_at"],
        "updated_by": agent.actor,
        "owner_id": str(agent.id),
        "team_id": None,
    }
    assert project == {
        "id": IsUUID(),
        "version": 1,
        **authored,
        "name": "ERP 上线",
        "customer_id": str(customer_id),
        "opportunity_id": None,
        "template": "implementation",
        "status": "draft",
        "starts_on": "2024-01-31",
        "due_on": "2024-03-31",
        "budget": {"amount": "250000", "currency": "CNY"},
        "risk_threshold": 12,
        "approved_by": None,
        "completed_at": None,
        "objectives": ["上线"],
        "scope_in": [],
        "scope_out": ["数据迁移"],
        "success_criteria": [],
        "manager_id": str(agent.id),
        "member_ids": [],
        "contract_reference": "HT-2024-001",
        "template_id": None,
        "template_edition": None,
        "contract_id": None,
    }
    assert (answer.headers["etag"], answer.headers["location"]) == ('"1"', f"/v1/projects/{project['id']}")
    deliveries = (await client.get(f"/v1/projects/{project['id']}/deliveries", params={"sort": "due_on"})).json()
    unjudged = {"verdict": "pending", "comment": None}
    part = {"version": 1, **authored, "project_id": project["id"], "customer_id": str(customer_id)}
    assert deliveries["items"][0] == {
        "id": IsUUID(),
        **part,
        "name": "Requirements and implementation plan",
        "acceptance_criteria": ["Every requirement has a priority and an owner", "The customer has signed the plan"],
        "status": "planned",
        "due_on": "2024-02-14",
        "submissions": 0,
        "submitted_at": None,
        "accepted_at": None,
        "accepted_by": None,
        "on_time": None,
        "rejection_reason": None,
        "cancellation_reason": None,
        "requirement_id": None,
        "hand_over": None,
        "criteria": [
            {"id": 1, "description": "Every requirement has a priority and an owner", **unjudged},
            {"id": 2, "description": "The customer has signed the plan", **unjudged},
        ],
        "versions": [],
        "open_points": [],
        **dict.fromkeys(("deemed_acceptance", "deemed_on", "part_of", "schedule_id", "occurrence")),
    }
    assert [item["due_on"] for item in deliveries["items"]] == ["2024-02-14", "2024-03-16", "2024-03-31"]
    risks = (await client.get(f"/v1/projects/{project['id']}/risks", params={"sort": "-score"})).json()
    unplanned: dict[str, Any] = {
        **dict.fromkeys(("strategy", "likelihood_percent", "cost_impact", "delay_impact", "expected_cost", "rule_id")),
        **dict.fromkeys(f"residual_{name}" for name in ("probability", "impact", "score", "level")),
        "actions": [],
        "task_ids": [],
        "close_suggested": False,
        "struck": None,
    }
    assert risks["items"] == [
        {
            "id": IsUUID(),
            **part,
            "title": "Requirements change after they were signed",
            "category": "requirement",
            "probability": 3,
            "impact": 3,
            "score": 9,
            "level": "medium",
            "threshold": 12,
            "exceeded": False,
            "response": None,
            "status": "open",
            **unplanned,
        },
        {
            "id": IsUUID(),
            **part,
            "title": "The customer's people are not available in time",
            "category": "schedule",
            "probability": 2,
            "impact": 4,
            "score": 8,
            "level": "medium",
            "threshold": 12,
            "exceeded": False,
            "response": None,
            "status": "open",
            **unplanned,
        },
    ]
    assert await told(service, "project") == [("project.opened", 1)]
    assert await told(service, "delivery") == [("delivery.planned", 1)] * 3
    assert await told(service, "risk") == [("risk.raised", 1)] * 2


async def test_a_low_threshold_is_exceeded_at_once(
    client: httpx.AsyncClient, service: RunningService, customer_id: UUID
) -> None:
    body = {"customer_id": str(customer_id), "template": "implementation", "risk_threshold": 9}

    project = (await client.post("/v1/projects", json=body)).json()

    risks = (await client.get(f"/v1/projects/{project['id']}/risks", params={"sort": "-score"})).json()["items"]
    assert [(r["score"], r["threshold"], r["exceeded"], r["version"]) for r in risks] == [
        (9, 9, True, 2),
        (8, 9, False, 1),
    ]
    assert await told(service, "risk") == [("risk.raised", 1), ("risk.raised", 1), ("risk.threshold_exceeded", 2)]


async def test_names_and_parts_are_in_the_callers_language(
    service: RunningService, agent: Caller, customer_id: UUID
) -> None:
    async with service.as_(caller(tenant_id=agent.tenant_id, language="zh")) as client:
        project = (
            await client.post("/v1/projects", json={"customer_id": str(customer_id), "template": "consulting"})
        ).json()
        items = (await client.get(f"/v1/projects/{project['id']}/deliveries")).json()["items"]

    assert project["name"] == "上海观心科技有限公司 · 咨询项目"
    assert {item["name"] for item in items} == {"现状评估报告", "改进建议与路线图"}


async def test_an_empty_project_takes_only_what_it_is_given(
    client: httpx.AsyncClient, service: RunningService, customer_id: UUID
) -> None:
    today = datetime.now(UTC).date()
    body = {"customer_id": str(customer_id), "due_on": str(today + timedelta(days=1))}

    project = (await client.post("/v1/projects", json=body)).json()

    assert (project["name"], project["template"]) == ("上海观心科技有限公司", None)
    assert project["starts_on"] in {str(today), str(today + timedelta(days=1))}
    assert await told(service, "delivery") == await told(service, "risk") == []


async def test_nothing_of_a_template_is_due_after_the_project(client: httpx.AsyncClient, customer_id: UUID) -> None:
    body = {
        "customer_id": str(customer_id),
        "template": "implementation",
        "starts_on": "2024-01-01",
        "due_on": "2024-01-20",
    }

    project = (await client.post("/v1/projects", json=body)).json()

    items = (await client.get(f"/v1/projects/{project['id']}/deliveries", params={"sort": "due_on"})).json()["items"]
    assert [item["due_on"] for item in items] == ["2024-01-15", "2024-01-20", "2024-01-20"]


NO_PROJECTS: list[tuple[dict[str, Any], int, str]] = [
    ({}, 409, "due_date_missing"),
    ({"due_on": "2024-01-01", "starts_on": "2024-01-02"}, 409, "due_before_start"),
    ({"template": "moonshot"}, 409, "unknown_template"),
    ({"template": "Moonshot"}, 422, "invalid_payload"),
    ({"due_on": "2024-01-01", "risk_threshold": 50}, 422, "invalid_payload"),
    ({"due_on": "2024-01-01", "risk_threshold": 0}, 422, "invalid_payload"),
    ({"due_on": "1066-10-14"}, 422, "invalid_payload"),
    ({"template": "training", "name": ""}, 422, "invalid_payload"),
    ({"template": "training", "opportunity_id": str(new_id())}, 422, "invalid_payload"),
    ({"template": "training", "customer_id": str(new_id())}, 409, "unknown_customer"),
    ({"template": "training", "customer_id": None}, 422, "invalid_payload"),
]


async def test_a_project_that_makes_no_sense_is_not_opened(
    client: httpx.AsyncClient, service: RunningService, customer_id: UUID
) -> None:
    for fields, status, code in NO_PROJECTS:
        answer = await client.post("/v1/projects", json={"customer_id": str(customer_id), **fields})
        assert (answer.status_code, answer.json()["code"]) == (status, code), fields

    assert await service.sql("SELECT 1 FROM projects UNION ALL SELECT 1 FROM outbox") == []


async def test_refusals_are_told_in_chinese(client: httpx.AsyncClient, customer_id: UUID) -> None:
    answer = await client.post(
        "/v1/projects", json={"customer_id": str(customer_id)}, headers={"accept-language": "zh-CN"}
    )

    assert (answer.json()["title"], answer.json()["detail"]) == ("缺少完成日期", "未使用模板的项目必须填写 `due_on`。")


async def test_the_same_key_opens_one_project(
    client: httpx.AsyncClient, service: RunningService, customer_id: UUID
) -> None:
    body = {"customer_id": str(customer_id), "template": "training"}
    key = {"idempotency-key": "k-1"}

    first = await client.post("/v1/projects", json=body, headers=key)
    again = await client.post("/v1/projects", json=body, headers=key)
    other = await client.post("/v1/projects", json={**body, "template": "consulting"}, headers=key)

    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (201, first.json(), "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await told(service, "project") == [("project.opened", 1)]
    assert await told(service, "delivery") == [("delivery.planned", 1)] * 2


async def test_a_project_and_its_parts_belong_to_whom_the_body_says(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, customer_id: UUID
) -> None:
    owner, team = new_id(), new_id()
    body = {"customer_id": str(customer_id), "template": "training"}

    await client.post("/v1/projects", json={**body, "owner_id": str(owner), "team_id": str(team)})
    async with service.as_(colleague(agent, visibility="team", team_ids=[team])) as member:
        own = (await member.post("/v1/projects", json=body)).json()

    rows = await service.sql(
        "SELECT owner_id, team_id FROM deliveries WHERE project_id <> $1 "
        "UNION SELECT owner_id, team_id FROM risks WHERE project_id <> $1",
        UUID(own["id"]),
    )
    assert [tuple(row) for row in rows] == [(owner, team)]
    assert own["team_id"] == str(team)
    assert own["owner_id"] not in {str(owner), str(agent.id)}
