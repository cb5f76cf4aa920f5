"""Projects that are being carried out: what is reported, spent, measured and compared with a baseline."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from crm_contracts.base import Money
from crm_contracts.inbound.v1 import ErpCostRecorded
from crm_platform.testing.plugin import deliver

Record = dict[str, Any]

_weeks = count()


async def _week(world: Any) -> Record:
    """Work of a week of which there is no timesheet yet."""
    monday = date(2000, 1, 3) + timedelta(7 * next(_weeks))
    task = await world.post("/v1/tasks")
    return {"week_starts_on": str(monday), "entries": [{"task_id": task["id"], "day": str(monday), "minutes": 60}]}


async def _to_decide(world: Any) -> Record:
    """Work that somebody else has submitted, who has a rate."""
    record = await world.done(world.operations["submit_timesheet"], await world.post("/v1/timesheets"))
    somebody = str(uuid4())
    rates = [{"since": "1990-01-01", "rate": {"amount": "100", "currency": "CNY"}}]
    await world.post("/v1/resources", kind="person", user_id=somebody, rates=rates)
    await world.connection.execute(
        "UPDATE timesheets SET user_id = $1 WHERE id = $2", UUID(somebody), UUID(record["id"])
    )
    return dict(record)


async def _expense(world: Any) -> Record:
    """An expense that somebody else has submitted."""
    record: Record = await world.post("/v1/expenses")
    await world.connection.execute("UPDATE expenses SET created_by = 'user:x' WHERE id = $1", UUID(record["id"]))
    return record


async def _cost(world: Any) -> Record:
    """A cost of which the ERP system has told."""
    project = await world.post("/v1/projects")
    message = ErpCostRecorded(
        cost_id=str(uuid4()),
        project_id=UUID(project["id"]),
        amount=Money.model_validate({"amount": "5", "currency": "CNY"}),
        incurred_on=date(2026, 3, 1),
    )
    await deliver(world.running, message, tenant_id=world.people.owner.tenant_id)
    answer = await world.client.get(
        "/v1/project-costs",
        params={"filter": f"project_id == '{project['id']}'"},
        headers=world.token(world.people.owner),
    )
    (record,) = answer.json()["items"]
    return dict(record)


async def _with_baseline(world: Any) -> Record:
    """A project whose one task is in its baseline."""
    project: Record = await world.post("/v1/projects")
    task = await world.post("/v1/tasks", project_id=project["id"])
    tenant, baseline = world.people.owner.tenant_id, uuid4()
    await world.connection.execute(
        "INSERT INTO baselines (id, tenant_id, version, created_at, created_by, updated_at, updated_by, name,"
        " project_id, number, plan_revision, starts_at, finishes_at, work, cost_amount, cost_currency, task_count)"
        " VALUES ($1, $2, 1, now(), 'user:x', now(), 'user:x', 'x', $3, 1, 1, now(), now(), 0, 0, 'CNY', 1)",
        *(baseline, tenant, UUID(project["id"])),
    )
    await world.connection.execute(
        "INSERT INTO baseline_tasks (tenant_id, baseline_id, task_id, name, starts_at, finishes_at, work, cost,"
        " critical) VALUES ($1, $2, $3, 'x', '2026-03-02T08:00Z', '2026-03-06T17:00Z', 2400, 100, true)",
        *(tenant, baseline, UUID(task["id"])),
    )
    return project


async def _under_way(world: Any) -> Record:
    """A project with a baseline that is being carried out."""
    project = await _with_baseline(world)
    await world.connection.execute("UPDATE projects SET status = 'active' WHERE id = $1", UUID(project["id"]))
    return project


RECIPES = {
    "approve_timesheet": _to_decide,
    "reject_timesheet": _to_decide,
    "approve_expense": _expense,
    "reject_expense": _expense,
    "/v1/project-costs": _cost,
    "show_earned_value": _with_baseline,
    "show_curves": _with_baseline,
    "draw_curves": _with_baseline,
    "show_portfolio": _under_way,
    "list_portfolio": _under_way,
    "show_portfolio_totals": _under_way,
}

_LIMITS = {"bad": "above", "warning": "1", "critical": "2"}

BODIES: dict[str, dict[str, Any] | Callable[[Any], Awaitable[dict[str, Any]]]] = {
    "create_timesheet": _week,
    "submit_expense": {"amount": {"amount": "5", "currency": "CNY"}},
    "create_monitor": _LIMITS | {"metric": "response_time"},
    "update_monitor": {"critical": "1000"},
}
