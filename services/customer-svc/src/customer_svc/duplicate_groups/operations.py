"""The scan of the whole base for duplicates, and merges of groups that are too much for one transaction."""

from uuid import UUID

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.words import Words
from customer_svc.customer_merges import service as customer_merges
from customer_svc.duplicate_groups import service
from customer_svc.duplicate_groups.schemas import GroupMerging

_FIRST = UUID(int=0)


async def _scan(step: Step[NoInput]) -> Next:
    """Look at the next customers; when all are looked at, make groups of the next pairs."""
    if step.cursor is None:
        step.progress.total = await service.count_customers(step.unit.connection)
    cursor = step.cursor or {"after": str(_FIRST)}
    if "after" not in cursor:
        return await _make_groups(step, cursor["groups"])
    records = max(step.progress.total or 0, 1)
    after, looked_at, pairs = await service.scan_portion(step.unit, step.id, UUID(cursor["after"]), records)
    step.progress.done += looked_at
    step.progress.counters["pairs"] = step.progress.counters.get("pairs", 0) + pairs
    return More({"groups": 0} if after is None else {"after": str(after)})


async def _make_groups(step: Step[NoInput], done: int) -> Next:
    following, new = await service.group_portion(step.unit, step.id, done)
    found = step.progress.counters["groups"] = step.progress.counters.get("groups", 0) + new
    return Done({"groups": found}) if following is None else More({"groups": following})


async def _ended(step: Step[NoInput], _: OperationStatus) -> None:
    await service.forget_pairs(step.unit.connection, step.id)


SCAN = OperationKind(
    name="duplicates.scan",
    title=Words("Search for duplicates among all customers", "全库客户查重"),
    input=NoInput,
    step=_scan,
    ended=_ended,
    unit="customers",
)


async def _merge(step: Step[GroupMerging]) -> Next:
    order = step.input.merging
    merge_id = await customer_merges.go_on_merging(step, order)
    if merge_id is None:
        return More({"moved": step.progress.done})
    await service.note_merged(step.unit, step.input.group_id, merge_id, reason=order.request.reason)
    return Done({"merge_id": str(merge_id), "merge": f"/v1/customer-merges/{merge_id}"})


async def _merge_ended(step: Step[GroupMerging], status: OperationStatus) -> None:
    await customer_merges.end_merging(step, step.input.merging, status)


MERGE = OperationKind(
    name="duplicate-groups.merge",
    title=Words("Merge of a group of duplicates", "合并疑似重复组"),
    input=GroupMerging,
    step=_merge,
    ended=_merge_ended,
)
