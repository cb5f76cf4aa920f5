"""Use cases of groups of duplicates: finding them, and judging them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_contracts.duplicate.v1 import (
    DuplicateGroupConfirmed,
    DuplicateGroupDismissed,
    DuplicateGroupFound,
    DuplicateGroupMerged,
    PairOfDuplicates,
)
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.reads.states import look_at
from crm_platform.uow import ANY_VERSION, UnitOfWork
from customer_svc.customer_merges import service as customer_merges
from customer_svc.customers import service as customers
from customer_svc.duplicate_groups import repository
from customer_svc.duplicate_groups.domain import LIFE_CYCLE, DuplicateGroup
from customer_svc.duplicate_groups.errors import NotOfTheGroup
from customer_svc.duplicate_groups.models import DUPLICATE_GROUPS
from customer_svc.duplicate_groups.schemas import GroupMerge
from customer_svc.duplicates import service as duplicates

PORTION, GROUPS = 100, 100
"""Customers, and groups, that one step deals with."""

count_customers = repository.count_customers
forget_pairs = repository.forget_pairs


async def scan_portion(unit: UnitOfWork, scan_id: UUID, after: UUID, records: int) -> tuple[UUID | None, int, int]:
    """Look for the likes of the next customers; pairs that were called different before are left out.

    Args:
        unit: Of whoever asked: customers that they do not see are in no pair.
        scan_id: The operation.
        after: The last customer of the portion before.
        records: How many customers there are.

    Returns:
        From where to go on (None at the end), how many were looked at, and how many pairs they are in.
    """
    ids = await repository.ids_after(unit.connection, after, PORTION)
    found = list((await look_at(unit.connection, customers.AGGREGATE, unit.caller, ids)).values())
    await customers.ALIKE.file(unit, found)
    alike = await customers.ALIKE.candidates(unit, found, records=records)
    pairs = {
        (scan_id, min(one.id, other.id), max(one.id, other.id)): (other.match.score, _fields(other.match))
        for one, others in zip(found, alike, strict=True)
        for other in others
    }
    await repository.add_pairs(unit.connection, [(*key, *value) for key, value in pairs.items()])
    return (ids[-1] if len(ids) == PORTION else None), len(found), len(pairs)


def _fields(match: duplicates.Match) -> list[str]:
    return [f"{reason.field}:{reason.level}" for reason in match.reasons]


async def group_portion(unit: UnitOfWork, scan_id: UUID, done: int) -> tuple[int | None, int]:
    """Make groups of the next pairs; those of the same customers as one that is there already, are that one.

    Returns:
        How many clusters are dealt with (None at the end), and how many groups are new.
    """
    clusters = duplicates.clusters(await repository.scores(unit.connection, scan_id))
    new = []
    for cluster in clusters[done : done + GROUPS]:
        ids = sorted(id for id in cluster if isinstance(id, UUID))
        if not await repository.is_known(unit.connection, ids):
            new.append(_group(ids, await repository.pairs_between(unit.connection, scan_id, ids)))
    await unit.insert_many(DUPLICATE_GROUPS, new, DuplicateGroupFound)
    done += GROUPS
    return (done if done < len(clusters) else None), len(new)


def _group(ids: Sequence[UUID], rows: Sequence[Any]) -> DuplicateGroup:
    pairs = tuple(
        PairOfDuplicates(left_id=left, right_id=right, score=round(score * 100, 2), fields=tuple(fields))
        for left, right, score, fields in rows
    )
    score = int(max(pair.score for pair in pairs))
    return DuplicateGroup(id=new_id(), customer_ids=tuple(ids), score=score, pairs=pairs)


async def confirm_group(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Say that the customers of a group are the same.

    Raises:
        NotFound: There is no such group.
        InvalidTransition: It is judged already.
    """
    before = await unit.load(DUPLICATE_GROUPS, id, if_match=if_match)
    return await unit.update(DUPLICATE_GROUPS, before, before.move("confirm"), DuplicateGroupConfirmed, reason=reason)


async def dismiss_group(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Say that the customers of a group are different, which is remembered.

    Raises:
        NotFound: There is no such group.
        InvalidTransition: It is judged already.
    """
    before = await unit.load(DUPLICATE_GROUPS, id, if_match=if_match)
    after = before.move("dismiss")
    await duplicates.note_different(unit.connection, before.customer_ids)
    return await unit.update(DUPLICATE_GROUPS, before, after, DuplicateGroupDismissed, reason=reason)


async def merge_group(
    unit: UnitOfWork, id: UUID, body: GroupMerge, *, if_match: object
) -> customer_merges.MergeOutcome | customer_merges.Merging:
    """Merge customers of a group, or say what would come of it; see :func:`customer_merges.merge_customers`.

    Returns:
        The outcome; or where more goes over than one transaction takes, what an operation has to do.

    Raises:
        NotFound: There is no such group, or a customer is not visible.
        InvalidTransition: It is settled already.
        NotOfTheGroup: A customer is not of the group.
    """
    before = await unit.load(DUPLICATE_GROUPS, id, if_match=if_match)
    LIFE_CYCLE.after(before.status, "merge")
    for customer_id in (body.survivor_id, *(one.id for one in body.absorbed)):
        if customer_id not in before.customer_ids:
            raise NotOfTheGroup(id=customer_id)
    outcome = await customer_merges.merge_customers(unit, body.survivor_id, body, if_match=body.survivor_version)
    if isinstance(outcome, customer_merges.MergeOutcome) and outcome.merge is not None:
        await note_merged(unit, id, outcome.merge.id, reason=body.reason)
    return outcome


async def note_merged(unit: UnitOfWork, id: UUID, merge_id: UUID, *, reason: str | None) -> None:
    """Customers of a group were merged.

    Raises:
        NotFound: There is no such group.
        InvalidTransition: It is settled already.
    """
    before = await unit.load(DUPLICATE_GROUPS, id, if_match=ANY_VERSION)
    after = before.move("merge", merge_id=merge_id)
    await unit.update(DUPLICATE_GROUPS, before, after, DuplicateGroupMerged, reason=reason)
