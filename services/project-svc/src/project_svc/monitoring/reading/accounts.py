"""The books of projects, read in a few statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm_contracts.plan.v1 import TaskEarning
from crm_platform.companies import zone_of
from crm_platform.db import Connection
from project_svc.costs import service as costs
from project_svc.monitoring import repository
from project_svc.monitoring.domain import Books, KnownCost, KnownReport, PlannedTask
from project_svc.monitoring.schemas import BaselineRef
from project_svc.progress import service as progress
from project_svc.scheduling.calendars.rules import Rules
from project_svc.work_calendars import service as calendars


@dataclass(frozen=True, kw_only=True)
class Account:
    """A project with its books, as of some time."""

    project_id: UUID
    name: str
    due_on: date
    baseline: BaselineRef
    books: Books
    risk_total: int


async def accounts(connection: Connection, ids: Sequence[UUID], at: datetime) -> dict[UUID, Account]:
    """The books of projects, by id; those without a baseline that has tasks are absent."""
    found = {row["project_id"]: row for row in await repository.baselines(connection, ids, at)}
    wanted = list(found)
    if not wanted:
        return {}
    planned = _grouped(await repository.planned(connection, [row["id"] for row in found.values()]), "baseline_id")
    tasks = _grouped(await repository.tasks(connection, wanted), "project_id")
    reports = await progress.of_projects(connection, wanted)
    spent = await costs.spent(connection, wanted)
    heads = await repository.projects(connection, wanted)
    risks = await repository.risk_totals(connection, wanted)
    rules = await _rules(connection, heads, tasks)
    usual = Rules(zone=(await zone_of(connection)).key)
    return {
        head["id"]: Account(
            project_id=head["id"],
            name=head["name"],
            due_on=head["due_on"],
            baseline=BaselineRef(**{name: found[head["id"]][name] for name in ("id", "number", "name")}),
            risk_total=risks.get(head["id"], 0),
            books=Books(
                currency=found[head["id"]]["cost_currency"],
                tasks=[_planned(row) for row in planned[found[head["id"]]["id"]]],
                parents={row["id"]: row["parent_id"] for row in tasks[head["id"]] if row["parent_id"]},
                names={row["id"]: row["name"] for row in tasks[head["id"]]},
                earning=_earning(tasks[head["id"]]),
                reports=_reports(tasks[head["id"]], reports.get(head["id"], ()), head["status_at"]),
                costs=[KnownCost(*one) for one in spent.get(head["id"], ())],
                **_calendars(head, tasks[head["id"]], rules, usual),
            ),
        )
        for head in heads
    }


def _grouped(rows: Iterable[Any], by: str) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[by]].append(row)
    return found


def _planned(row: Any) -> PlannedTask:
    names = ("name", "starts_at", "finishes_at", "work", "cost", "fixed_cost")
    return PlannedTask(id=row["task_id"], **{name: row[name] for name in names})


def _earning(tasks: Iterable[Any]) -> dict[UUID, TaskEarning]:
    return {row["id"]: TaskEarning.model_validate(row["earning"]) for row in tasks if row["earning"] is not None}


def _reports(tasks: Iterable[Any], known: Sequence[progress.Reported], status_at: datetime | None) -> list[KnownReport]:
    """The reports of a project's tasks; where a task says otherwise, since its plan was edited, that comes last."""
    reports = [KnownReport(*one) for one in known]
    last = {one.task_id: one for one in reports}
    for task in tasks:
        said = task["percent_complete"], task["actual_start"], task["actual_finish"], task["remaining"]
        before = last.get(task["id"])
        if said == (0, None, None, None) and before is None:
            continue
        if before is None or said != (before.percent, before.started, before.finished, before.remaining):
            at = task["actual_finish"] or (status_at if before is None else None) or task["updated_at"]
            reports.append(KnownReport(task["id"], at, *said))
    return reports


async def _rules(connection: Connection, heads: Iterable[Any], tasks: dict[UUID, list[Any]]) -> dict[UUID, Rules]:
    wanted = {head["calendar_id"] for head in heads} | {row["calendar_id"] for rows in tasks.values() for row in rows}
    found = await calendars.find_many(connection, [id for id in wanted if id is not None])
    return {id: one.rules() for id, one in found.items()}


def _calendars(head: Any, tasks: Iterable[Any], rules: dict[UUID, Rules], usual: Rules) -> dict[str, Any]:
    own = {row["id"]: rules[row["calendar_id"]] for row in tasks if row["calendar_id"] in rules}
    return {"calendar": rules.get(head["calendar_id"], usual), "calendars": own}
