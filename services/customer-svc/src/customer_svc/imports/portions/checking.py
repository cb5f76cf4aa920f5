"""What is looked at once it is known whom each row of a portion is about: who is alike, whose child, who was erased."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from crm_contracts.imports.v1 import ImportMapping, LikenessHandling
from crm_platform.errors import DomainError
from crm_platform.uow import UnitOfWork
from customer_svc.customers.domain import Customer
from customer_svc.imports.errors import ErasedBefore
from customer_svc.imports.portions.likes import likes_of
from customer_svc.imports.repository import find_row_keys
from customer_svc.imports.rows.drafts import Draft
from customer_svc.imports.rows.looked import Looked
from customer_svc.imports.rows.matching import entered_key, subject_key
from customer_svc.imports.rows.plans import Outcome, Plan, fail, judged, judged_in_file
from customer_svc.intake import customers
from customer_svc.suppressions import service as suppressions


async def in_view_of_likes(
    unit: UnitOfWork,
    operation_id: UUID,
    mapping: ImportMapping,
    plans: list[Plan],
    looked: Looked,
    *,
    dry: bool,
) -> None:
    """Judge the new rows that are much like somebody: a customer, or an earlier row of the file."""
    numbers = {
        plan.after.id: place
        for place, plan in enumerate(plans)
        if plan.outcome is Outcome.CREATED and plan.after is not None
    }
    new = [after for place in numbers.values() if (after := plans[place].after) is not None]
    if not new:
        return
    by_row = {plans[numbers[one.id]].draft.number: one for one in new}
    told = await likes_of(unit, operation_id, by_row, looked, dry=dry)
    best = {by_row[row].id: alike for row, alike in told.items()}
    likes = {one.id for one in best.values()}
    keys = {key(id) for id in likes for key in (subject_key, entered_key)}
    rows = await find_row_keys(unit.connection, operation_id, keys) if keys else {}
    known = await _known(
        unit, mapping, plans, {id for id in likes if not rows.keys() & {subject_key(id), entered_key(id)}}
    )
    for id, alike in best.items():
        row = rows.get(entered_key(alike.id))
        if row is not None:
            plans[numbers[id]] = judged_in_file(plans[numbers[id]], row, alike, mapping)
            continue
        plan = plans[numbers[id]] = judged(plans[numbers[id]], alike, mapping, known.get, unit.caller)
        if plan.subject_id is not None:
            known.pop(plan.subject_id, None)
    _in_view_of_each_other(mapping, plans, [numbers[one.id] for one in new if one.id not in best], looked)


def _in_view_of_each_other(mapping: ImportMapping, plans: list[Plan], places: Sequence[int], looked: Looked) -> None:
    """Judge rows that are like nobody else; those that are like none before them are what later ones can be like."""
    entered: dict[UUID, int] = {}
    for place in places:
        plan = plans[place]
        if plan.after is None:
            continue
        alike = next((one for one in looked.among.get(plan.after.id, ()) if one.id in entered), None)
        if alike is None:
            entered[plan.after.id] = plan.draft.number
        else:
            plans[place] = judged_in_file(plan, entered[alike.id], alike, mapping)


async def _known(
    unit: UnitOfWork, mapping: ImportMapping, plans: Sequence[Plan], ids: set[UUID]
) -> dict[UUID, Customer]:
    """The customers that rows may be merged into; not those that another row of the portion changes already."""
    if mapping.alike is LikenessHandling.FLAG:
        return {}
    known = await customers.look_at_customers(unit, sorted(ids))
    for plan in plans:
        if plan.outcome is Outcome.UPDATED and plan.before is not None:
            known.pop(plan.before.id, None)
    return known


async def refuse_loops(unit: UnitOfWork, plans: Sequence[Plan], above: Mapping[UUID, UUID | None] | None) -> None:
    """Refuse rows after which a customer would be above itself.

    Args:
        unit: Of the step.
        plans: All of a portion; changed in place.
        above: In a dry run the parents of others, as the rows before would leave them.
    """
    after = {plan.after.id: plan.after for plan in plans if plan.after is not None}
    for plan in plans:
        if plan.outcome is not Outcome.UPDATED or plan.before is None or plan.after is None:
            continue
        if plan.after.parent_id == plan.before.parent_id:
            continue
        try:
            await customers.refuse_loop(unit, plan.after, after, above)
        except DomainError as refusal:
            fail(plan, refusal)
            del after[plan.before.id]


async def erased_of(unit: UnitOfWork, drafts: Sequence[Draft]) -> set[suppressions.Value]:
    """What rows say that is of a person who was erased."""
    said = (draft.customer for draft in drafts if draft.customer is not None)
    return await suppressions.suppressed_of(unit, (value for one in said for value in suppressions.values_of(one)))


def refuse_erased(plan: Plan, erased: set[suppressions.Value]) -> None:
    """Refuse a row that would bring back a person who was erased; what a customer has by now anyway stays."""
    if not erased or plan.after is None:
        return
    before = () if plan.before is None else suppressions.values_of(plan.before)
    found = sorted(erased.intersection(suppressions.values_of(plan.after)).difference(before))
    if found:
        fail(plan, ErasedBefore(rule=_RULES[found[0][0]]))


_RULES: Final = {"phone": "phone", "email": "email", "ref": "external_id"}
