"""Editions of a template: drafts, what is in force, and what is not any more."""

import asyncio
from typing import Any

import httpx
from dirty_equals import IsDatetime, IsUUID

from project_svc_tests.project_templates.conftest import Company

EMPTY = {
    "charter": {
        "objectives": [],
        "scope_in": [],
        "scope_out": [],
        "success_criteria": [],
        "budget": None,
        "risk_threshold": 12,
        "due_on": None,
    },
    "plan": {"calendar_id": None, "currency": None, "tasks": []},
    **{
        name: []
        for name in ("deliverables", "recurring_deliverables", "risks", "quality_gates", "outcomes", "monitors")
    },
}


def refused(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    problem = answer.json()
    return answer.status_code, problem["code"], [(one["pointer"], one["code"]) for one in problem.get("errors", ())]


async def test_a_template_begins_as_a_draft_and_comes_into_force(company: Company) -> None:
    draft = await company.draft("rollout", description="全国门店推广")

    assert draft == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": company.who.actor,
        "updated_at": draft["created_at"],
        "updated_by": company.who.actor,
        "code": "rollout",
        "edition": 1,
        "name": "rollout",
        "description": "全国门店推广",
        "status": "draft",
        "deal_rule": None,
        "deal_priority": 0,
        "source_project_id": None,
        "counts": dict.fromkeys(
            ("tasks", "deliverables", "recurring_deliverables", "risks", "quality_gates", "outcomes", "monitors"), 0
        ),
        "fingerprint": draft["fingerprint"],
        "published_at": None,
        "published_by": None,
    }
    assert await company.get(f"project-templates/{draft['id']}") == draft | {"content": EMPTY}
    published = (await company.act(draft, "publish")).json()
    assert (published["status"], published["version"]) == ("published", 2)
    assert (published["published_at"], published["published_by"]) == (published["updated_at"], company.who.actor)
    assert await company.told("project_template", "project") == [
        ("project_template.drafted", 1),
        ("project_template.published", 2),
    ]


async def test_what_is_in_force_is_never_changed_but_has_a_next_edition(company: Company) -> None:
    content = {"charter": {"due_on": {"days": 30}}, "monitors": [monitor()]}
    first = await company.published("rollout", name="门店推广", content=content, rule="deal.amount > 5.0")

    assert refused(await company.patch(first, name="other"))[:2] == (409, "template_not_draft")
    assert refused(await company.api.post("/v1/project-templates", json={"code": "rollout"}))[:2] == (
        409,
        "already_exists",
    )
    second = await company.draft("rollout", revises=True)
    again = await company.api.post("/v1/project-templates", json={"code": "rollout", "revises": True})

    assert refused(again)[:2] == (409, "already_exists")
    kept = ("name", "deal_rule", "fingerprint", "counts")
    assert {name: second[name] for name in kept} == {name: first[name] for name in kept}
    assert (second["edition"], second["status"], second["id"] != first["id"]) == (2, "draft", True)
    changed = (await company.patch(second, content={}, description="第二版")).json()
    assert (changed["counts"]["monitors"], changed["fingerprint"] != first["fingerprint"]) == (0, True)
    assert refused(await company.act(changed, "publish")) == (
        409,
        "template_refused",
        [("/content/charter/due_on", "missing")],
    )
    ready = (await company.patch(changed, deal_rule=None)).json()
    assert (await company.act(ready, "publish")).status_code == 200
    listed = await company.items("project-templates", sort="created_at")
    assert [(one["edition"], one["status"]) for one in listed] == [(1, "retired"), (2, "published")]
    assert (await company.told("project_template"))[-2:] == [
        ("project_template.retired", 4),
        ("project_template.published", 4),
    ]


async def test_a_retired_template_opens_no_project(company: Company) -> None:
    template = await company.published("rollout", content={"charter": {"due_on": {"days": 30}}})

    retired = (await company.act(template, "retire")).json()

    assert retired["status"] == "retired"
    assert refused(await company.act(retired, "retire"))[:2] == (409, "invalid_transition")
    assert refused(await company.try_open(template="rollout"))[:2] == (409, "unknown_template")
    assert await company.told("project") == []


async def test_ready_made_templates_stand_beside_the_own_ones_and_can_be_copied(company: Company) -> None:
    copy = await company.draft("delivery_cn", copy_of="implementation")

    page = await company.get("project-templates", filter="status == 'draft'")
    assert [one["id"] for one in page["items"]] == [copy["id"]]
    assert [(one["code"], one["version"], one["duration_days"]) for one in page["ready_made"]] == [
        ("implementation", 1, 60),
        ("consulting", 1, 42),
        ("training", 1, 30),
    ]
    first = page["ready_made"][0]
    assert first["name"] == {"en": "Implementation", "zh": "实施项目"}
    assert [(one["name"]["zh"], one["due_after_days"]) for one in first["deliverables"]] == [
        ("需求说明书与实施计划", 14),
        ("系统部署与客户数据迁移", 45),
        ("培训与上线", 60),
    ]
    assert (copy["name"], copy["counts"]["deliverables"], copy["counts"]["risks"]) == ("Implementation", 3, 2)
    shown = (await company.get(f"project-templates/{copy['id']}"))["content"]
    assert shown["charter"]["due_on"] == {"days": 60, "working": False}
    assert [one["due_on"]["days"] for one in shown["deliverables"]] == [14, 45, 60]
    assert [(one["probability"], one["impact"]) for one in shown["risks"]] == [(3, 3), (2, 4)]


BAD: list[tuple[dict[str, Any], int, str, str | None]] = [
    ({"code": "implementation"}, 422, "reserved", "/code"),
    ({"code": "Rollout"}, 422, "string_pattern_mismatch", "/code"),
    ({"code": "a", "copy_of": "implementation", "content": {}}, 422, "several_sources", ""),
    ({"code": "a", "copy_of": "nowhere"}, 409, "unknown_template", None),
    ({"code": "a", "revises": True}, 409, "unknown_template", None),
    ({"code": "a", "project_id": "00000000-0000-7000-8000-000000000001"}, 409, "unknown_project", None),
    ({"code": "a", "content": {"monitors": [{"name": "x"}]}}, 422, "missing", "/content/monitors/0/metric"),
    (
        {"code": "a", "content": {"deliverables": [{"name": "x", "due_on": {"days": 100_001}}]}},
        422,
        "less_than_equal",
        "/content/deliverables/0/due_on/days",
    ),
]


async def test_what_makes_no_template_is_refused_by_its_place(company: Company) -> None:
    for body, status, code, pointer in BAD:
        answer = await company.api.post("/v1/project-templates", json=body)
        problem = answer.json()
        assert answer.status_code == status, body
        if pointer is None:
            assert problem["code"] == code, body
        else:
            assert (problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == (pointer, code), body
    draft = await company.draft("rollout")
    rule = await company.patch(draft, deal_rule="deal.amont > 5.0")

    assert refused(rule) == (422, "invalid_payload", [("/deal_rule", "unknown_field")])
    assert await company.told("project_template") == [("project_template.drafted", 1)]


def monitor() -> dict[str, Any]:
    return {"name": "响应时间", "metric": "response_time", "bad": "above", "warning": "200", "critical": "500.5"}


async def test_two_at_once_begin_one_edition_and_publish_it_once(company: Company) -> None:
    await company.published("rollout")
    body = {"code": "rollout", "revises": True}

    begun = await asyncio.gather(*(company.api.post("/v1/project-templates", json=body) for _ in range(2)))

    assert sorted(answer.status_code for answer in begun) == [201, 409]
    (draft,) = [answer.json() for answer in begun if answer.status_code == 201]
    published = await asyncio.gather(*(company.act(draft, "publish") for _ in range(2)))
    assert sorted(answer.status_code for answer in published) == [200, 412]
    listed = await company.items("project-templates", sort="created_at")
    assert [(one["edition"], one["status"]) for one in listed] == [(1, "retired"), (2, "published")]
    assert (await company.told("project_template"))[2:] == [
        ("project_template.drafted", 1),
        ("project_template.retired", 3),
        ("project_template.published", 2),
    ]
