"""Bulk actions, some customers at a time."""

from crm_platform.db.database import Savepoint
from crm_platform.errors import DomainError
from crm_platform.operations.kinds import Done, More, Next, OperationKind, Result, Step
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.words import Words
from customer_svc.bulk_actions import service
from customer_svc.bulk_actions.schemas import Bulk

PORTION = 100
"""Customers of one step."""


async def _change(step: Step[Bulk]) -> Next:
    done, total = step.cursor or 0, step.input.customers
    step.progress.total = total
    results = []
    ids = await service.targets(step.unit.connection, step.id, after=done, limit=PORTION)
    for number, id in enumerate(ids, start=done + 1):
        try:
            async with Savepoint(step.unit.connection):
                changed = await service.change_one(step.unit, id, step.input.change)
            results.append(Result(number, "changed" if changed else "unchanged", id))
        except DomainError as problem:
            results.append(Result(number, "failed", id, problem))
    await step.record(results)
    done += len(results)
    return More(done) if done < total else Done(dict(step.progress.counters))


async def _ended(step: Step[Bulk], _: OperationStatus) -> None:
    await service.forget_targets(step.unit.connection, step.id)


BULK = OperationKind(
    name="customers.bulk",
    title=Words("Bulk action on customers", "客户批量操作"),
    input=Bulk,
    step=_change,
    ended=_ended,
    unit="customers",
)
