"""Merges, and their undoing, by which more goes over than one transaction takes."""

from uuid import UUID

from crm_platform.operations.kinds import Done, More, Next, OperationKind, Step
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.words import Words
from customer_svc.customer_merges import service
from customer_svc.customer_merges.schemas import Merging, Unmerging


async def _merge(step: Step[Merging]) -> Next:
    merge_id = await service.go_on_merging(step, step.input)
    return More({"moved": step.progress.done}) if merge_id is None else _done(merge_id)


def _done(merge_id: UUID) -> Done:
    """What an operation comes to that has merged customers, or has taken a merge back."""
    return Done({"merge_id": str(merge_id), "merge": f"/v1/customer-merges/{merge_id}"})


async def _merge_ended(step: Step[Merging], status: OperationStatus) -> None:
    await service.end_merging(step, step.input, status)


async def _unmerge(step: Step[Unmerging]) -> Next:
    """Take the merge back; then the records follow."""
    if step.cursor is None:
        await service.begin_unmerge(step.unit, step.input)
        return More({"moved": 0})
    count = await service.go_on_unmerging(step.unit, step.input.merge_id)
    step.progress.count("moved_back", count)
    return More({"moved": step.progress.done}) if count == service.AHEAD else _done(step.input.merge_id)


MERGE = OperationKind(
    name="customers.merge",
    title=Words("Merge of customers", "客户合并"),
    input=Merging,
    step=_merge,
    ended=_merge_ended,
)
UNMERGE = OperationKind(
    name="customers.unmerge",
    title=Words("Undoing of a merge of customers", "撤销客户合并"),
    input=Unmerging,
    step=_unmerge,
    cancellable=False,
)
KINDS = (MERGE, service.GIVE_BACK, UNMERGE)
