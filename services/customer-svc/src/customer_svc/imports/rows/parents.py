"""Whom the rows of a portion name as parent companies: customers that there are, and those of earlier rows."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from crm_contracts.imports.v1 import MatchRule
from crm_platform.errors import DomainError
from customer_svc.imports.errors import ParentAmbiguous, ParentUnknown
from customer_svc.imports.rows.drafts import Draft
from customer_svc.imports.rows.matching import Found, parent_value, values_of
from customer_svc.imports.rows.plans import OWNING, Match, Outcome, Plan, fail

RULES: Final = (MatchRule.EXTERNAL_ID, MatchRule.REGISTRATION_ID, MatchRule.NAME)


def named(drafts: Iterable[Draft]) -> dict[MatchRule, set[str]]:
    """The values by which rows name parents."""
    found: dict[MatchRule, set[str]] = {}
    for draft in drafts:
        if draft.parent is not None and (value := parent_value(draft.parent)):
            found.setdefault(draft.parent.rule, set()).add(value)
    return found


class Parents:
    """Finds the parents that rows name.

    Args:
        found: Customers by the values that are named; in a dry run also those whom the rows before would have entered.
    """

    def __init__(self, found: Found) -> None:
        self._found = found
        self._here: dict[tuple[MatchRule, str], Plan] = {}
        self._rows: dict[tuple[MatchRule, str], Draft] = {}

    def in_order(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Rows behind those that they name as parents; in their order otherwise, and where they name each other."""
        ahead = {draft.number: above for draft in drafts if (above := self._above(draft, drafts)) is not None}
        if not ahead:
            return list(drafts)
        ordered: dict[int, Draft] = {}
        for draft in drafts:
            line: list[Draft] = []
            one: Draft | None = draft
            while one is not None and one.number not in ordered and one not in line:
                line.append(one)
                one = ahead.get(one.number)
            ordered.update((each.number, each) for each in reversed(line))
        return list(ordered.values())

    def _above(self, draft: Draft, drafts: Sequence[Draft]) -> Draft | None:
        """The row of the portion that a row names as its parent, and that is another."""
        if draft.parent is None:
            return None
        if not self._rows:
            self._rows = dict(reversed([(key, one) for one in drafts for key in _known_by(one)]))
        found = self._rows.get((draft.parent.rule, parent_value(draft.parent)))
        return None if found is draft else found

    def place(self, draft: Draft, match: Match) -> DomainError | None:
        """Put a row's customer under its parent; returns why that is not possible.

        A company that names itself, as headquarters do, has no parent.
        """
        parent, customer = draft.parent, draft.customer
        if parent is None or customer is None or draft.problems:
            return None
        value = parent_value(parent)
        if value in values_of(customer, parent.rule):
            return None
        ids = self._found.get(parent.rule, {}).get(value, ())
        if len(ids) > 1:
            return ParentAmbiguous(number=len(ids), rule=parent.rule.value, said=parent.said)
        plan = self._here.get((parent.rule, value))
        id = ids[0] if ids else plan and plan.subject_id
        if id is None:
            return ParentUnknown(rule=parent.rule.value, said=parent.said)
        if id not in match.ids:
            draft.customer = customer.with_(parent_id=id)
            draft.fields |= {"parent_id"}
        return None

    def note(self, plan: Plan) -> None:
        """Let later rows of the portion name this one."""
        if plan.outcome in OWNING:
            for key in _known_by(plan.draft):
                self._here.setdefault(key, plan)


def _known_by(draft: Draft) -> list[tuple[MatchRule, str]]:
    if draft.customer is None:
        return []
    return [(rule, value) for rule in RULES for value in values_of(draft.customer, rule)]


def rejoined(plans: Sequence[Plan], new: dict[UUID, Plan]) -> None:
    """Put children under who stands for their parents after all, where these are not entered.

    Args:
        plans: All of a portion, in order; changed in place.
        new: The plans of rows that were to be entered, by the ids which their customers would have had.
    """
    for plan in plans:
        parent = None if plan.after is None else new.get(plan.after.parent_id) if plan.after.parent_id else None
        if parent is None or plan.after is None or parent.outcome is Outcome.CREATED:
            continue
        if parent.subject_id is not None:
            plan.after = plan.after.with_(parent_id=parent.subject_id)
        else:
            said = plan.draft.parent
            fail(plan, ParentUnknown(rule=said.rule.value if said else "", said=said.said if said else ""))
