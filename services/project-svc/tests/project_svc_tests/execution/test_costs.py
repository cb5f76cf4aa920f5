"""Costs: of approved expenses, and as the ERP system tells them, once."""

from datetime import date
from uuid import UUID

import httpx
import pytest

from crm_contracts.base import Money
from crm_contracts.inbound.v1 import ErpCostRecorded
from crm_platform.ids import new_id
from crm_platform.testing.plugin import deliver
from project_svc.projects.errors import UnknownProject
from project_svc_tests.execution.support import Site


async def costs(site: Site) -> list[tuple[str, str, str, int]]:
    query = {"filter": f"project_id == '{site.planner.project_id}'", "sort": "incurred_on"}
    items = (await site.api.get("/v1/project-costs", params=query)).json()["items"]
    return [(one["source"], one["amount"]["amount"], one["amount"]["currency"], one["version"]) for one in items]


def told(project_id: UUID, amount: str, *, revision: int = 1) -> ErpCostRecorded:
    money = Money(amount=amount, currency="CNY")
    return ErpCostRecorded(
        cost_id="INV-7", revision=revision, project_id=project_id, amount=money, incurred_on=date(2026, 3, 3)
    )


async def test_what_the_erp_system_tells_counts_once_and_can_be_corrected(site: Site) -> None:
    project, tenant = site.planner.project_id, site.planner.who.tenant_id
    messages = [
        *(told(project, "500"), told(project, "500"), told(project, "450.5", revision=3)),
        told(project, "1", revision=2),
    ]

    for message in messages:
        await deliver(site.planner.service, message, tenant_id=tenant, origin="erp")

    assert await costs(site) == [("erp", "450.5", "CNY", 2)]
    assert await site.told("project_cost") == [("project_cost.recorded", 1), ("project_cost.corrected", 2)]


async def test_a_cost_of_nobody_waits_for_its_project(site: Site) -> None:
    message = told(new_id(), "500")

    with pytest.raises(UnknownProject):
        await deliver(site.planner.service, message, tenant_id=site.planner.who.tenant_id)
    assert await costs(site) == []


async def test_an_expense_costs_when_somebody_else_has_approved_it(site: Site, above: httpx.AsyncClient) -> None:
    body = {
        "project_id": str(site.planner.project_id),
        "task_id": site.tasks["dig"],
        "incurred_on": "2026-03-03",
        "amount": {"amount": "88.8", "currency": "CNY"},
        "category": "差旅",
    }
    sent = await site.api.post("/v1/expenses", json=body)
    path = sent.headers["location"]
    own = await site.api.post(f"{path}/approve", json={}, headers={"if-match": '"1"'})
    assert (own.status_code, own.json()["code"]) == (409, "own_expense")
    assert await costs(site) == []

    approved = await above.post(f"{path}/approve", json={}, headers={"if-match": '"1"'})
    late = await above.post(f"{path}/reject", json={"reason": "?"}, headers={"if-match": '"2"'})

    assert (approved.status_code, approved.json()["status"], late.status_code) == (200, "approved", 409)
    assert await costs(site) == [("expense", "88.8", "CNY", 1)]
    assert await site.told("expense") == [("expense.submitted", 1), ("expense.approved", 2)]


async def test_a_rejected_expense_costs_nothing_and_tasks_of_others_are_refused(
    site: Site, above: httpx.AsyncClient
) -> None:
    body = {
        "project_id": str(site.planner.project_id),
        "incurred_on": "2026-03-03",
        "amount": {"amount": "5", "currency": "CNY"},
        "category": "餐费",
    }
    sent = await site.api.post("/v1/expenses", json=body)
    rejected = await above.post(
        f"{sent.headers['location']}/reject", json={"reason": "没有发票"}, headers={"if-match": '"1"'}
    )
    foreign = await site.api.post("/v1/expenses", json=body | {"task_id": str(new_id())})
    nothing = await site.api.post("/v1/expenses", json=body | {"amount": {"amount": "0", "currency": "CNY"}})

    assert (rejected.json()["status"], await costs(site)) == ("rejected", [])
    assert (foreign.status_code, foreign.json()["code"]) == (409, "unknown_task")
    assert (nothing.status_code, nothing.json()["errors"][0]["pointer"]) == (422, "/amount")
