"""What a dry run knows of the rows before a portion: whom they would have entered, renamed, or put under a parent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from crm_contracts.imports.v1 import ImportMapping, MatchRule
from crm_platform.custom_fields.trying import Filed
from crm_platform.uow import UnitOfWork
from customer_svc.customers.domain import Customer
from customer_svc.imports.rows.drafts import PARENTS
from customer_svc.imports.rows.matching import Found, values_of
from customer_svc.imports.rows.plans import Outcome, Plan
from customer_svc.intake import customers
from customer_svc.trials.service import Left

_NAMING: Final = frozenset(PARENTS.values())
"""Rules by which parents are named; what of these a customer has can change, other values only grow in number."""


class Foresight:
    """Reads and keeps what the rows of a dry run would leave, in the database: more come than memory holds.

    Args:
        unit: Of the present step.
        operation_id: The dry run.
        mapping: Says by what rows name parents; what nobody asks for is not kept.
    """

    def __init__(self, unit: UnitOfWork, operation_id: UUID, mapping: ImportMapping) -> None:
        self._unit = unit
        self._names = Left(unit, operation_id, "name")
        self._parents = Left(unit, operation_id, "parent")
        self._system = mapping.system
        targets = {one.field for one in mapping.columns} | mapping.constants.keys()
        self._named_by = {rule for field, rule in PARENTS.items() if field in targets}
        self.unique = Left(unit, operation_id, "unique")

    async def as_left(self, wanted: Mapping[MatchRule, Collection[str]], found: Found) -> Found:
        """The customers that would have values, given those that have them."""
        rules = _NAMING & wanted.keys()
        keys = {_key(rule, value): (rule, value) for rule in rules for value in wanted[rule]}
        there = {_key(rule, value): ids for rule in rules for value, ids in found.get(rule, {}).items()}
        if not keys:
            return found
        changed: dict[MatchRule, dict[str, tuple[UUID, ...]]] = {rule: {} for rule in rules}
        for key, ids in (await self._names.as_left(keys, there)).items():
            rule, value = keys[key]
            changed[rule][value] = ids
        return {**found, **changed}

    async def above(self, plans: Sequence[Plan]) -> dict[UUID, UUID | None]:
        """The parents of whoever the rows before would leave above the customers of these, where any of them moves."""
        level = {plan.after.parent_id for plan in plans if plan.after is not None} if any(map(_moves, plans)) else set()
        known: dict[UUID, UUID | None] = {}
        while asked := [id for id in level if id is not None and id not in known]:
            parents = await self._parents_of(asked)
            known |= parents
            level = set(parents.values())
        return known

    async def _parents_of(self, ids: Collection[UUID]) -> dict[UUID, UUID | None]:
        """The parents of customers; whom the dry run has entered without one stands under itself in what it keeps."""
        left = await self._parents.as_left([str(id) for id in ids], {})
        kept = {UUID(id): None if str(found[0]) == id else found[0] for id, found in left.items()}
        return {**await customers.parents_of(self._unit, [id for id in ids if id not in kept]), **kept}

    async def note(self, plans: Sequence[Plan]) -> None:
        """Let later portions know what these rows would leave."""
        written = [plan for plan in plans if plan.outcome in {Outcome.CREATED, Outcome.UPDATED}]
        names = (self._filed(plan) for plan in written)
        await self._names.file([one for one in names if one is not None])
        if self._named_by:
            placed = (plan.after for plan in written if plan.after and (plan.before is None or _moves(plan)))
            await self._parents.file([Filed(one.parent_id or one.id, (str(one.id),)) for one in placed])

    def _filed(self, plan: Plan) -> Filed | None:
        """By what the customer of a row would be named; None where nobody asks, or that stays as it is."""
        if plan.after is None:
            return None
        was = self._keys(plan.before, _NAMING) if plan.before is not None else set[str]()
        if was and was - self._keys(plan.after, _NAMING):
            return Filed(plan.after.id, self._keys(plan.after, _NAMING), anew=True)
        new = self._keys(plan.after, self._named_by) - was
        return Filed(plan.after.id, new) if new else None

    def _keys(self, customer: Customer, rules: Iterable[MatchRule]) -> set[str]:
        refs = tuple(ref for ref in customer.external_refs if ref.system == self._system)
        named = customer.with_(external_refs=refs)
        return {_key(rule, value) for rule in rules for value in values_of(named, rule)}


def _key(rule: MatchRule, value: str) -> str:
    return f"{rule.value}:{value}"


def _moves(plan: Plan) -> bool:
    """Whether a customer that was there before gets another parent."""
    if plan.outcome is not Outcome.UPDATED or plan.before is None or plan.after is None:
        return False
    return plan.after.parent_id != plan.before.parent_id
