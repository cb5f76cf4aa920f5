"""A portion of what a run has done, taken back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_platform.db.database import Savepoint
from crm_platform.errors import DomainError
from crm_platform.history.trail import BESIDE, OpenTrail
from crm_platform.operations.kinds import Result
from crm_platform.uow import UnitOfWork
from customer_svc.customers.domain import Customer
from customer_svc.imports import repository
from customer_svc.imports.errors import EditedSince, GoneSince
from customer_svc.imports.rows.plans import Outcome
from customer_svc.intake import customers


async def undo_portion(
    unit: UnitOfWork, run_id: UUID, after: int, *, limit: int, reason: str
) -> tuple[int | None, list[Result]]:
    """Take back what a run has done by some rows, but for customers that were edited since.

    Returns:
        The number of the last row (None at the end), and what became of each.
    """
    rows = await repository.written_by(unit.connection, run_id, after=after, limit=limit)
    known = await customers.find_customers(unit, [row["subject_id"] for row in rows])
    before = await _states_before(unit, rows, known)
    results, restored = [], []
    for row in rows:
        customer = known.get(row["subject_id"])
        problem = _standing_against(row, customer)
        if problem is None and customer is not None:
            if row["outcome"] == Outcome.CREATED:
                problem = await _removed(unit, customer, reason)
            elif customer.id in before:
                restored.append((customer, before[customer.id]))
            else:
                problem = GoneSince()
        results.append(_undone(row, problem))
    await customers.change_many(unit, restored, reason=reason)
    return (rows[-1]["number"] if len(rows) == limit else None), results


def _standing_against(row: Mapping[str, Any], customer: Customer | None) -> DomainError | None:
    if customer is None:
        return GoneSince()
    if customer.version != row["version"]:
        return EditedSince(expected=row["version"], current=customer.version)
    return None


def _undone(row: Mapping[str, Any], problem: DomainError | None) -> Result:
    done = "removed" if row["outcome"] == Outcome.CREATED else "restored"
    return Result(row["number"], done if problem is None else "conflict", row["subject_id"], problem)


async def _removed(unit: UnitOfWork, customer: Customer, reason: str) -> DomainError | None:
    try:
        async with Savepoint(unit.connection):
            await customers.remove_customer(unit, customer, reason=reason)
    except DomainError as refusal:
        return refusal
    return None


async def _states_before(
    unit: UnitOfWork, rows: Sequence[Mapping[str, Any]], known: Mapping[UUID, Customer]
) -> dict[UUID, Customer]:
    """The customers as they were before the run's updates; who cannot be read any more is absent."""
    changes = [(row["subject_id"], row["version"]) for row in rows if row["outcome"] == Outcome.UPDATED]
    entries = await repository.entries_of(unit.connection, changes)
    trail = await OpenTrail.of(unit.connection, unit.caller.tenant_id, entries)
    found: dict[UUID, Customer] = {}
    for entry in entries:
        id, side = entry["aggregate_id"], trail.side(entry, "before")
        if id in known and (not side.names or side.values is not None):
            was = {name: value for name, value in entry["before"].items() if name not in BESIDE}
            now = known[id].model_dump(mode="python")
            found[id] = Customer.model_validate({**now, **was, **(side.values or {})})
    return found
