"""A portion of rows: find out what is to be done about each, and do it."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from crm_contracts.imports.v1 import ImportMapping, LikenessHandling, MatchRule
from crm_contracts.sealing import to_text
from crm_platform.db import Connection
from crm_platform.operations.kinds import Result
from crm_platform.sealing.vault import vault_of
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from customer_svc.customers.domain import Customer
from customer_svc.duplicates.service import Candidate
from customer_svc.imports import repository
from customer_svc.imports.domain import usable_rules
from customer_svc.imports.portions.telling import diff_place
from customer_svc.imports.rows.drafts import Draft
from customer_svc.imports.rows.matching import Matching, values_of
from customer_svc.imports.rows.plans import Alike, Outcome, Plan, decided, judged
from customer_svc.intake import customers

_TOLD_REASONS: Final = 3


async def import_portion(
    unit: UnitOfWork, operation_id: UUID, mapping: ImportMapping, drafts: Sequence[Draft], *, dry: bool, reason: str
) -> list[Result]:
    """Find out what is to be done about some rows, and do it unless ``dry``; returns what becomes of each."""
    plans = await _planned(unit, operation_id, mapping, drafts)
    versions: dict[UUID, int] = {}
    if not dry:
        versions = await _carried_out(unit, plans, reason)
    return [_result(unit, operation_id, plan, versions) for plan in plans]


async def forget_portions(unit: UnitOfWork, operation_id: UUID) -> None:
    """Forget by which keys the rows of an operation are known, once it has ended."""
    await repository.forget_row_keys(unit.connection, operation_id)


async def _planned(unit: UnitOfWork, operation_id: UUID, mapping: ImportMapping, drafts: Sequence[Draft]) -> list[Plan]:
    matching = await _looked_up(unit, mapping, drafts)
    known = await customers.find_customers(unit, sorted(matching.ids))
    wanted = {key for draft in drafts for _, key in matching.keys_of(draft)} | set(matching.subject_keys())
    matching.remember(await repository.find_row_keys(unit.connection, operation_id, wanted))
    plans: list[Plan] = []
    for draft in drafts:
        plan = decided(draft, matching.match(draft, known.get), known.get, mapping, unit.caller)
        matching.note(plan)
        plans.append(plan)
    await repository.add_row_keys(unit.connection, operation_id, matching.new.items())
    if mapping.alike is LikenessHandling.IGNORE:
        return plans
    return await _in_view_of_likes(unit, mapping, plans)


async def _looked_up(unit: UnitOfWork, mapping: ImportMapping, drafts: Sequence[Draft]) -> Matching:
    """The customers that have a value of some row, one statement for each rule."""
    connection, tenant = unit.connection, unit.caller.tenant_id
    index = vault_of(connection).index
    rules = usable_rules(mapping)
    said = {
        (draft.number, rule): values_of(draft.customer, rule)
        for draft in drafts
        if draft.customer is not None
        for rule in rules
    }
    found: dict[MatchRule, dict[str, tuple[UUID, ...]]] = {}
    for rule in rules:
        values = {value for (_, other), some in said.items() if other is rule for value in some}
        if values:
            found[rule] = await _having(connection, rule, values, mapping.system or "", tenant)
    return Matching(rules, said, found, lambda kind, value: index.key(tenant, f"import.{kind}", value))


_FILED: Final = {MatchRule.EMAIL: "email", MatchRule.PHONE: "phone", MatchRule.REGISTRATION_ID: "alike.id"}
"""Under which kind of blind key customers are filed by what a rule compares."""


async def _having(
    connection: Connection, rule: MatchRule, values: set[str], system: str, tenant: UUID
) -> dict[str, tuple[UUID, ...]]:
    if rule in _FILED:
        index, kind = vault_of(connection).index, _FILED[rule]
        by_key = {index.key(tenant, kind, value): value for value in values}
        rows = await repository.by_key(connection, kind, by_key)
        pairs = [(by_key[row["value"]], row["id"]) for row in rows]
    elif rule is MatchRule.EXTERNAL_ID:
        pairs = [tuple(row) for row in await repository.by_external_id(connection, system, values)]
    else:
        pairs = [tuple(row) for row in await repository.by_name(connection, values)]
    found: dict[str, tuple[UUID, ...]] = {}
    for value, id in pairs:
        found[value] = (*found.get(value, ()), id)
    return found


async def _in_view_of_likes(unit: UnitOfWork, mapping: ImportMapping, plans: list[Plan]) -> list[Plan]:
    """The plans, with what is to be done about new rows that are much like somebody."""
    new = [plan.after for plan in plans if plan.outcome is Outcome.CREATED and plan.after is not None]
    if not new:
        return plans
    told = await customers.alike_of_each(unit, new)
    alike = {
        customer.id: Alike(best[0].id, best[0].match.score, _because(best[0]))
        for customer, best in zip(new, told, strict=True)
        if best
    }
    known: dict[UUID, Customer] = {}
    if mapping.alike is not LikenessHandling.FLAG:
        known = await customers.find_customers(unit, sorted({one.id for one in alike.values()}))
    # Two changes of one customer in one portion: the second would not know of the first.
    for plan in plans:
        if plan.outcome is Outcome.UPDATED and plan.before is not None:
            known.pop(plan.before.id, None)
    for number, plan in enumerate(plans):
        if plan.outcome is Outcome.CREATED and plan.after is not None:
            plans[number] = judged(plan, alike.get(plan.after.id), mapping, known.get, unit.caller)
            if (subject := plans[number].subject_id) is not None:
                known.pop(subject, None)
    return plans


def _because(candidate: Candidate) -> Words:
    found = [reason.text for reason in candidate.match.reasons if reason.bits > 0][:_TOLD_REASONS]
    return Words("; ".join(words.en for words in found), "；".join(words.zh for words in found))


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
        detail["changed"] = list(plan.changed)
        detail |= _told_change(unit, operation_id, plan, plan.before, plan.after)
    if plan.outcome is Outcome.CREATED and not versions:
        subject = None  # in a dry run there is no such customer
    return Result(plan.draft.number, plan.outcome.value, subject, plan.problem, detail or None)


def _told_change(
    unit: UnitOfWork, operation_id: UUID, plan: Plan, before: Customer, after: Customer
) -> dict[str, object]:
    """What differs, from and to; personal data is sealed with the key of the customer, so that erasure reaches it."""
    sides = [one.model_dump(mode="json", include=set(plan.changed)) for one in (before, after)]
    told = {name: [side[name] for side in sides] for name in plan.changed}
    personal = {name: told.pop(name) for name in plan.changed if name in customers.PERSONAL_MEMBERS}
    if not personal:
        return {"diff": told}
    sealed = unit.keys.seal_json(
        before.id, personal, diff_place(unit.caller.tenant_id, operation_id, plan.draft.number)
    )
    return {"diff": told} if sealed is None else {"diff": told, "sealed": to_text(sealed)}
