"""A portion of rows: find out what is to be done about each, and do it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from crm_contracts.imports.v1 import ImportMapping, LikenessHandling
from crm_contracts.sealing import to_text
from crm_platform.errors import AlreadyExists, VersionMismatch
from crm_platform.external_refs import ExternalIdTaken
from crm_platform.operations.kinds import Result
from crm_platform.uow import UnitOfWork
from customer_svc.customers.domain import Customer
from customer_svc.imports import repository
from customer_svc.imports.errors import Overtaken
from customer_svc.imports.portions.checking import erased_of, in_view_of_likes, refuse_erased, refuse_loops
from customer_svc.imports.portions.custom import read_custom, refuse_custom
from customer_svc.imports.portions.finding import find, looked_up
from customer_svc.imports.portions.foreseeing import Foresight
from customer_svc.imports.portions.owning import owners_of
from customer_svc.imports.portions.telling import diff_place
from customer_svc.imports.rows.matching import told_of
from customer_svc.imports.rows.parents import Parents, named, rejoined
from customer_svc.imports.rows.plans import Outcome, Plan, decided, failed
from customer_svc.imports.rows.reading import Portion
from customer_svc.intake import customers
from customer_svc.trials import service as trials


async def import_portion(
    unit: UnitOfWork, operation_id: UUID, mapping: ImportMapping, portion: Portion, *, dry: bool, reason: str
) -> list[Result]:
    """Find out what is to be done about some rows, and do it unless ``dry``; returns what becomes of each."""
    plans = await _planned(unit, operation_id, mapping, portion, dry=dry)
    versions: dict[UUID, int] = {}
    if not dry:
        versions = await _in_time(unit, plans, reason)
    return [_result(unit, operation_id, plan, versions) for plan in plans]


async def forget_portions(unit: UnitOfWork, operation_id: UUID) -> None:
    """Forget by which keys the rows of an operation are known, once it has ended."""
    await repository.forget_row_keys(unit.connection, operation_id)
    await trials.forget(unit, operation_id)


async def _planned(
    unit: UnitOfWork, operation_id: UUID, mapping: ImportMapping, portion: Portion, *, dry: bool
) -> list[Plan]:
    drafts = portion.drafts
    await read_custom(unit, mapping, drafts)
    foresight = Foresight(unit, operation_id, mapping) if dry else None
    matching = await looked_up(unit, mapping, drafts, foresight)
    parents = Parents(await find(unit, mapping, named(drafts), foresight))
    known = await customers.look_at_customers(unit, sorted(matching.ids))
    wanted = {key for draft in drafts for _, key in matching.keys_of(draft)} | set(matching.subject_keys())
    matching.remember(await repository.find_row_keys(unit.connection, operation_id, wanted))
    erased = await erased_of(unit, drafts)
    owners = await owners_of(unit, mapping, drafts)
    plans: list[Plan] = []
    for draft in parents.in_order(drafts):
        match = matching.match(draft, known.get)
        problem = parents.place(draft, match)
        owners.place(draft, known.get(match.ids[0]) if len(match.ids) == 1 else None)
        plan = decided(draft, match, known.get, mapping, unit.caller) if problem is None else failed(draft, problem)
        refuse_erased(plan, erased)
        matching.note(plan)
        parents.note(plan)
        plans.append(plan)
    plans.sort(key=lambda plan: plan.draft.number)
    new = {plan.after.id: plan for plan in plans if plan.outcome is Outcome.CREATED and plan.after is not None}
    if portion.looked is not None:
        await in_view_of_likes(unit, operation_id, mapping, plans, portion.looked, dry=dry)
    rejoined(plans, new)
    await refuse_loops(unit, plans, await foresight.above(plans) if foresight else None)
    for plan in plans:
        refuse_erased(plan, erased)
    await refuse_custom(unit, plans, None if foresight is None else foresight.unique)
    await repository.add_row_keys(unit.connection, operation_id, {**told_of(plans), **matching.new}.items())
    if foresight is not None:
        await foresight.note(plans)
    if dry and mapping.alike is not LikenessHandling.IGNORE:
        written = (plan.after for plan in plans if plan.outcome in {Outcome.CREATED, Outcome.UPDATED})
        await trials.keep(unit, operation_id, [after for after in written if after is not None])
    return plans


async def _in_time(unit: UnitOfWork, plans: Sequence[Plan], reason: str) -> dict[UUID, int]:
    """Carry plans out, unless somebody else was faster: planned anew, the rows that lost are told so, one by one.

    Raises:
        Overtaken: Somebody was; the step is done again.
    """
    try:
        return await _carried_out(unit, plans, reason)
    except (AlreadyExists, ExternalIdTaken, VersionMismatch, asyncpg.UniqueViolationError) as taken:
        raise Overtaken from taken


async def _carried_out(unit: UnitOfWork, plans: Sequence[Plan], reason: str) -> dict[UUID, int]:
    """Write what is planned; returns the versions of the customers afterwards."""
    new = [plan.after for plan in plans if plan.outcome is Outcome.CREATED and plan.after is not None]
    written = await customers.enter_many(unit, new, reason=reason)
    changes = [
        (plan.before, plan.after)
        for plan in plans
        if plan.outcome is Outcome.UPDATED and plan.before is not None and plan.after is not None
    ]
    written += await customers.change_many(unit, changes, reason=reason)
    return {customer.id: customer.version for customer in written}


def _result(unit: UnitOfWork, operation_id: UUID, plan: Plan, versions: Mapping[UUID, int]) -> Result:
    detail: dict[str, object] = {}
    subject = plan.subject_id
    if subject is not None and subject in versions:
        detail["version"] = versions[subject]
    if plan.before is not None and plan.after is not None:
        detail |= _told_change(unit, operation_id, plan, plan.before, plan.after)
    if plan.outcome is Outcome.CREATED and not versions:
        subject = None  # in a dry run there is no such customer
    return Result(plan.draft.number, plan.outcome.value, subject, plan.problem, detail or None)


def _told_change(
    unit: UnitOfWork, operation_id: UUID, plan: Plan, before: Customer, after: Customer
) -> dict[str, object]:
    """What differs, from and to; personal data is sealed with the key of the customer, so that erasure reaches it."""
    changed = plan.changed
    sides = [one.model_dump(mode="json", include=set(changed)) for one in (before, after)]
    diff = {name: [side[name] for side in sides] for name in changed}
    personal = {name: diff.pop(name) for name in changed if name in customers.PERSONAL_MEMBERS}
    told: dict[str, object] = {"changed": list(changed), "diff": diff}
    if not personal:
        return told
    place = diff_place(unit.caller.tenant_id, operation_id, plan.draft.number)
    sealed = unit.keys.seal_json(before.id, personal, place)
    return told if sealed is None else told | {"sealed": to_text(sealed)}
