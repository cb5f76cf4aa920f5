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
    unit: UnitOfWork, run_id: UUID, above: int, *, limit: int, reason: str
) -> tuple[int | None, list[Result]]:
    """Take back what a run has done by some rows, but for customers that were edited since.

    The last rows come first, as what comes later in a file may be a child of what comes before.

    Returns:
        The number of the row reached (None at the end), and what became of each.
    """
    rows = await repository.written_by(unit.connection, run_id, before=above, limit=limit)
    known = await customers.find_customers(unit, [row["subject_id"] for row in rows])
    before = await _states_before(unit, rows, known)
    problems = {row["number"]: _standing_against(row, known.get(row["subject_id"])) for row in rows}
    restored = []
    for row in rows:
        if row["outcome"] == Outcome.UPDATED and problems[row["number"]] is None:
            if row["subject_id"] in before:
                restored.append((known[row["subject_id"]], before[row["subject_id"]]))
            else:
                problems[row["number"]] = GoneSince()
    await customers.change_many(unit, restored, reason=reason)
    for row in _children_first([row for row in rows if row["outcome"] == Outcome.CREATED], known):
        if problems[row["number"]] is None:
            problems[row["number"]] = await _removed(unit, known[row["subject_id"]], reason)
    return (rows[-1]["number"] if len(rows) == limit else None), [_undone(row, problems[row["number"]]) for row in rows]


def _children_first(rows: Sequence[Mapping[str, Any]], known: Mapping[UUID, Customer]) -> list[Mapping[str, Any]]:
    """The rows in their order, but for parents, which come behind who is under them."""

    def depth(id: UUID | None) -> int:
        levels = 0
        while id is not None and id in ours:
            levels, id = levels + 1, ours[id]
        return levels

    ours = {row["subject_id"]: known[row["subject_id"]].parent_id for row in rows if row["subject_id"] in known}
    return sorted(rows, key=lambda row: -depth(row["subject_id"]))


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
