import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_contracts.customer.v1 import CustomerCreated
from crm_contracts.inbound.v1 import ApprovalDecision
from crm_platform.context import Caller
from crm_platform.errors import NotFound
from crm_platform.ids import new_id
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.plan.support import Planner, work
from project_svc_tests.support import act, customer, decision

_TOLD = """
SELECT type, version FROM outbox
WHERE tenant_id = $1 AND aggregate_type IN ('change_request', 'baseline', 'plan') ORDER BY id
"""


@dataclass
class Office:
    """A project with a plan of two tasks after each other, its manager, and somebody who approves."""

    service: RunningService
    who: Caller
    api: httpx.AsyncClient
    boss: httpx.AsyncClient
    planner: Planner
    tasks: dict[str, str]
    another: dict[str, str]
    """The body of another project."""

    async def draft(self, **fields: Any) -> dict[str, Any]:
        body = {
            "project_id": str(self.planner.project_id),
            "title": "增加移动端",
            "rationale": "客户要求",
            "category": "scope",
            **fields,
        }
        answer = await self.api.post("/v1/change-requests", json=body)
        assert answer.status_code == 201, answer.text
        request: dict[str, Any] = answer.json()
        return request

    async def submitted(self, **fields: Any) -> str:
        """The path of a request that waits for approval."""
        path = f"change-requests/{(await self.draft(**fields))['id']}"
        answer = await act(self.api, path, "submit", 1)
        assert answer.status_code == 200, answer.text
        return path

    async def show(self, path: str) -> dict[str, Any]:
        return dict((await self.api.get(f"/v1/{path}")).json())

    async def staleness(self) -> dict[str, bool]:
        """Whether the plan has moved on, by the titles of all requests."""
        answer = await self.api.get("/v1/change-requests")
        return {one["title"]: one["impact_is_stale"] for one in answer.json()["items"]}

    async def told(self) -> list[tuple[str, int]]:
        rows = await self.service.sql(_TOLD, self.who.tenant_id)
        return [(row["type"], row["version"]) for row in rows]

    async def baselines(self) -> list[dict[str, Any]]:
        answer = await self.api.get(f"/v1/projects/{self.planner.project_id}/baselines")
        return list(answer.json()["items"])


@pytest.fixture
async def office(shared: RunningService) -> AsyncIterator[Office]:
    who = caller()
    state = customer()
    await deliver(shared, CustomerCreated(state=state), tenant_id=who.tenant_id)
    body = {"customer_id": str(state.id), "name": "智慧园区", "starts_on": "2026-03-02", "due_on": "2026-12-31"}
    async with shared.as_(who) as api, shared.as_(caller(tenant_id=who.tenant_id)) as boss:
        opened = await api.post("/v1/projects", json=body)
        planner = Planner(shared, who, api, UUID(opened.json()["id"]))
        tasks = await planner.put(work("设计", days=5), work("开发", "设计", days=10))
        yield Office(shared, who, api, boss, planner, tasks, {**body, "name": "充电桩"})


def longer(office: Office, days: int = 15) -> dict[str, Any]:
    return {
        "tasks": [
            {"id": office.tasks["开发"], "duration": days * 480},
            {"key": "移动端", "name": "移动端", "duration": 480, "fixed_cost": {"amount": "8000", "currency": "CNY"}},
        ]
    }


async def test_a_draft_says_everything_and_asks_for_one_approval(office: Office) -> None:
    draft = await office.draft(edits=longer(office))

    assert draft == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": office.who.actor,
        "updated_at": draft["created_at"],
        "updated_by": office.who.actor,
        "owner_id": str(office.who.id),
        "team_id": None,
        "project_id": str(office.planner.project_id),
        "number": 1,
        "title": "增加移动端",
        "rationale": "客户要求",
        "category": "scope",
        "edits": longer(office),
        "steps": [
            {
                "number": 1,
                "name": "Approval",
                "channel": "crm",
                **dict.fromkeys(("approver_id", "decision", "decided_at", "decided_by", "comment", "reference")),
            }
        ],
        "status": "draft",
        **dict.fromkeys(("impact", "agreed_finish", "agreed_cost", "submitted_at", "decided_at", "implemented_at")),
        "baseline_id": None,
        "impact_is_stale": False,
    }


async def test_a_change_is_analysed_approved_and_put_into_the_plan_with_a_baseline(office: Office) -> None:
    draft = await office.draft(edits=longer(office))
    path = f"change-requests/{draft['id']}"
    submitted = (await act(office.api, path, "submit", 1, reason="请审批")).json()
    own = await act(office.api, path, "decide", 2, decision="approved")
    approved = await act(office.boss, path, "decide", 2, decision="approved", comment="同意")
    before = await office.planner.plan()
    done = await act(office.api, path, "implement", 3)

    assert submitted["status"] == "submitted"
    impact = submitted["impact"]
    assert impact | {"analysed_at": None} == {
        "plan_revision": 1,
        "analysed_at": None,
        "finishes_before": "2026-03-20T17:00:00Z",
        "finishes_after": "2026-03-27T17:00:00Z",
        "finish_delta": 5 * 480,
        "cost_before": {"amount": "0", "currency": "CNY"},
        "cost_after": {"amount": "8000", "currency": "CNY"},
        "cost_delta": {"amount": "8000", "currency": "CNY"},
        "critical_before": [office.tasks["设计"], office.tasks["开发"]],
        "critical_after": [office.tasks["设计"], office.tasks["开发"]],
        "tasks_changed": 1,
        "tasks_added": 1,
        "tasks_removed": 0,
        "risk": {
            "iterations": 1000,
            "finish_p50_before": "2026-03-20T17:00:00Z",
            "finish_p50_after": "2026-03-27T17:00:00Z",
            "finish_p80_before": "2026-03-20T17:00:00Z",
            "finish_p80_after": "2026-03-27T17:00:00Z",
            "cost_p80_before": {"amount": "0", "currency": "CNY"},
            "cost_p80_after": {"amount": "8000", "currency": "CNY"},
        },
    }
    assert (own.status_code, own.json()["code"]) == (403, "own_change_request")
    assert (approved.json()["status"], approved.json()["agreed_cost"]) == (
        "approved",
        {"amount": "8000", "currency": "CNY"},
    )
    assert (before["revision"], len(before["tasks"])) == (1, 2)
    after = await office.planner.plan()
    assert done.status_code == 200, done.text
    assert (done.json()["status"], done.json()["impact_is_stale"]) == ("implemented", False)
    assert (after["revision"], [one["name"] for one in after["tasks"]]) == (2, ["设计", "开发", "移动端"])
    assert after["finishes_at"] == "2026-03-27T17:00:00+00:00"
    (baseline,) = await office.baselines()
    assert (baseline["id"], baseline["name"], baseline["change_request_id"], baseline["plan_revision"]) == (
        *(done.json()["baseline_id"], "#1 增加移动端", draft["id"]),
        2,
    )
    assert await office.told() == [
        ("plan.changed", 1),
        ("change_request.drafted", 1),
        ("change_request.submitted", 2),
        ("change_request.approved", 3),
        ("plan.changed", 2),
        ("baseline.set", 1),
        ("change_request.implemented", 4),
    ]


async def test_a_plan_that_has_moved_on_is_told_and_what_is_worse_is_decided_anew(office: Office) -> None:
    path = await office.submitted(edits=longer(office))
    await act(office.boss, path, "decide", 2, decision="approved")
    elsewhere = await office.api.post("/v1/projects", json=office.another)
    other = Planner(office.service, office.who, office.api, UUID(elsewhere.json()["id"]))
    await other.put(work("选址"))
    await office.submitted(project_id=str(other.project_id), title="另选地点")
    fresh = await office.staleness()
    await office.planner.edit(tasks=[{"id": office.tasks["开发"], "priority": 700}])
    stale = await office.staleness()

    refused = await act(office.api, path, "implement", 3)
    analysed = await act(office.api, path, "analyse", 3)
    await office.planner.edit(tasks=[{"id": office.tasks["设计"], "duration": 6 * 480}])
    worse = await act(office.api, path, "analyse", 4)
    too_soon = await act(office.api, path, "implement", 5)

    assert fresh == {"增加移动端": False, "另选地点": False}
    assert stale == {"增加移动端": True, "另选地点": False}
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_has_moved_on")
    assert refused.json()["tasks"] == [{"id": office.tasks["开发"], "name": "开发", "what": "changed"}]
    assert (analysed.json()["status"], analysed.json()["impact"]["plan_revision"]) == ("approved", 2)
    assert (worse.json()["status"], worse.json()["agreed_cost"]) == ("submitted", None)
    assert worse.json()["impact"]["finishes_after"] == "2026-03-30T17:00:00Z"
    assert worse.json()["steps"][0]["decision"] is None
    assert (too_soon.status_code, too_soon.json()["code"]) == (409, "invalid_transition")
    await act(office.boss, path, "decide", 5, decision="approved")
    assert (await act(office.api, path, "implement", 6)).json()["status"] == "implemented"
    assert [one["name"] for one in await office.baselines()] == ["#1 增加移动端"]
    id = UUID(path.rpartition("/")[2])
    rows = await office.service.sql("SELECT type FROM outbox WHERE aggregate_id = $1 ORDER BY version", id)
    assert [row["type"] for row in rows] == [
        *(f"change_request.{one}" for one in ("drafted", "submitted", "approved", "analysed", "submitted")),
        *("change_request.approved", "change_request.implemented"),
    ]


async def test_steps_are_decided_in_order_here_and_in_the_oa_system(office: Office) -> None:
    steps = [{"name": "部门经理"}, {"name": "公司领导", "channel": "oa"}]
    path = await office.submitted(edits=longer(office), steps=steps)
    id = path.rpartition("/")[2]

    async def oa(approval: str, verdict: ApprovalDecision = ApprovalDecision.APPROVED) -> None:
        message = decision(id, verdict, subject_type="change_request", approval_id=approval)
        await deliver(office.service, message, tenant_id=office.who.tenant_id, origin="oa")

    await oa("OA-1")
    early = await office.show(path)
    reviewed = await act(office.boss, path, "decide", 2, decision="approved")
    not_here = await act(office.boss, path, "decide", 3, decision="approved")
    await oa("OA-2")
    approved = await office.show(path)
    await oa("OA-2")
    await oa("OA-3", ApprovalDecision.REFUSED)

    assert (early["status"], early["version"]) == ("submitted", 2)
    assert reviewed.json()["status"] == "under_review"
    assert (not_here.status_code, not_here.json()["code"]) == (403, "not_the_approver")
    assert (approved["status"], approved["version"]) == ("approved", 4)
    assert approved["steps"][1] == {
        "number": 2,
        "name": "公司领导",
        "channel": "oa",
        "approver_id": None,
        "decision": "approved",
        "decided_at": IsDatetime(iso_string=True),
        "decided_by": "王经理",
        "comment": "预算已确认",
        "reference": "OA-2",
    }
    assert await office.show(path) == approved


async def test_a_rejection_and_a_withdrawal_leave_the_plan_alone(office: Office) -> None:
    rejected = await office.submitted(edits=longer(office))
    refusal = await act(office.boss, rejected, "decide", 2, decision="rejected", comment="预算不足")
    withdrawn = await office.submitted(title="减少培训", edits={"remove": [office.tasks["开发"]]})
    await act(office.api, withdrawn, "withdraw", 2, reason="客户放弃")

    assert (refusal.json()["status"], refusal.json()["steps"][0]["comment"]) == ("rejected", "预算不足")
    shown = await office.show(withdrawn)
    assert (shown["status"], shown["number"]) == ("withdrawn", 2)
    assert (shown["impact"]["tasks_removed"], shown["impact"]["finish_delta"]) == (1, -10 * 480)
    listed = (await office.api.get("/v1/change-requests", params={"sort": "created_at"})).json()["items"]
    assert [(one["number"], one["status"], one["impact_is_stale"]) for one in listed] == [
        (1, "rejected", False),
        (2, "withdrawn", False),
    ]
    for path, version in ((rejected, 3), (withdrawn, 3)):
        refused = await act(office.api, path, "implement", version)
        assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    assert ((await office.planner.plan())["revision"], await office.baselines()) == (1, [])


async def test_edits_that_cannot_be_are_refused_and_only_drafts_change(office: Office) -> None:
    cycle = {"tasks": [{"id": office.tasks["设计"], "predecessors": [{"task": office.tasks["开发"]}]}]}
    draft = await office.draft(edits=cycle)
    path = f"change-requests/{draft['id']}"

    circular = await act(office.api, path, "submit", 1)
    huge = await office.api.patch(
        f"/v1/{path}",
        json={"edits": {"tasks": [{"name": "甲", "description": "长" * 2000} for _ in range(60)]}},
        headers={"if-match": '"1"'},
    )
    changed = await office.api.patch(
        f"/v1/{path}", json={"edits": longer(office), "title": "移动端"}, headers={"if-match": '"1"'}
    )
    submitted = await act(office.api, path, "submit", 2)
    late = await office.api.patch(f"/v1/{path}", json={"title": "x"}, headers={"if-match": '"3"'})
    bad = await office.api.post(
        "/v1/change-requests",
        json={
            "project_id": draft["project_id"],
            "title": "x",
            "rationale": "y",
            "category": "scope",
            "edits": {"tasks": [{"name": "甲", "duration": -1}]},
        },
    )

    assert (circular.status_code, circular.json()["code"]) == (409, "task_cycle")
    assert (huge.status_code, huge.json()["code"]) == (409, "edits_too_large")
    assert (changed.json()["title"], changed.json()["version"]) == ("移动端", 2)
    assert submitted.json()["status"] == "submitted"
    assert (late.status_code, late.json()["code"]) == (409, "change_not_draft")
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/edits/tasks/0/duration")


async def test_uncertain_edits_are_drawn_alike_whenever_they_are_analysed(office: Office) -> None:
    estimate = {"optimistic": 8 * 480, "most_likely": 10 * 480, "pessimistic": 30 * 480}
    path = await office.submitted(edits={"tasks": [{"id": office.tasks["开发"], "estimate": estimate}]})

    first = (await office.show(path))["impact"]
    again = (await act(office.api, path, "analyse", 2)).json()["impact"]

    risk = first["risk"]
    assert first["finish_delta"] == 0
    assert (risk["finish_p50_before"], risk["finish_p80_before"]) == ("2026-03-20T17:00:00Z",) * 2
    assert "2026-03-23" < risk["finish_p50_after"] < risk["finish_p80_after"] < "2026-04-18"
    assert again["risk"] == risk


async def test_the_same_change_is_implemented_once_however_many_try(office: Office) -> None:
    path = await office.submitted(edits=longer(office))
    await act(office.boss, path, "decide", 2, decision="approved")

    answers = await asyncio.gather(*(act(office.api, path, "implement", 3) for _ in range(4)))

    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412]
    assert ((await office.planner.plan())["revision"], len(await office.baselines())) == (2, 1)


async def test_an_unknown_change_request_of_the_oa_system_is_put_aside(office: Office) -> None:
    message = decision(new_id(), ApprovalDecision.APPROVED, subject_type="change_request")

    with pytest.raises(NotFound, match="no change request"):
        await deliver(office.service, message, tenant_id=office.who.tenant_id, origin="oa")
