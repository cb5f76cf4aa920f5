"""What is to be done about a row: create, update, leave, skip, or refuse, and why."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from crm_contracts.customer.v1 import IdentityDocument
from crm_contracts.imports.v1 import ImportMapping, ImportMode, LikenessHandling, MatchRule
from crm_platform.aggregate import AUTHORSHIP
from crm_platform.context import Caller
from crm_platform.errors import DomainError, FieldProblem
from crm_platform.words import Words
from customer_svc.customers.domain import Customer
from customer_svc.imports.errors import (
    AlikeExists,
    AlikeInFile,
    AlreadyKnown,
    AmbiguousMatch,
    CellsLeftOut,
    FieldNotOurs,
    NameMissing,
    NotForYou,
    NotKnown,
    RowRefused,
    RowRepeated,
)
from customer_svc.imports.rows.drafts import CellProblem, Draft
from customer_svc.imports.rows.owners import OWNER, TEAM, given
from customer_svc.values.entries import Entries, is_primary
from customer_svc.values.lists import EMAILS, PHONES


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


OWNING = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED})
"""Outcomes of rows that later rows of the file may repeat."""


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a row is about, as far as rules tell.

    Attributes:
        rule: The rule that has told; None where none did.
        ids: Whom it has found.
        row: The earlier row of the file that is about the same.
    """

    rule: MatchRule | None = None
    ids: tuple[UUID, ...] = ()
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """A customer who is probably the same as a new row, though no rule matches."""

    id: UUID
    score: float
    because: Words


@dataclass(slots=True)
class Plan:
    """What is to be done about one row.

    Attributes:
        draft: What the row says.
        outcome: What becomes of it.
        before: The customer as it is; None for a new one.
        after: The customer as it will be; None where nothing changes.
        problem: Why it is skipped or refused, or whom a new one may be the same as.
    """

    draft: Draft
    outcome: Outcome
    before: Customer | None = None
    after: Customer | None = None
    problem: DomainError | None = None

    @property
    def subject_id(self) -> UUID | None:
        """The customer that it is about."""
        if self.outcome is Outcome.CREATED and self.after is not None:
            return self.after.id
        return None if self.before is None else self.before.id

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the members that differ afterwards."""
        if self.before is None or self.after is None:
            return ()
        return difference(self.before, self.after)


def decided(
    draft: Draft, match: Match, known: Callable[[UUID], Customer | None], mapping: ImportMapping, caller: Caller
) -> Plan:
    """The plan for a row.

    Args:
        draft: What it says.
        match: Whom it is about.
        known: Customers by their ids, as far as the caller may see them.
        mapping: What is to be done with known and unknown ones.
        caller: On whose behalf.
    """
    if draft.customer is None or draft.problems:
        return refused(draft, draft.problems, caller.language)
    rule = match.rule.value if match.rule else ""
    if match.row is not None:
        return Plan(draft, Outcome.SKIPPED, problem=RowRepeated(row=match.row, rule=rule))
    if len(match.ids) > 1:
        return Plan(draft, Outcome.FAILED, problem=AmbiguousMatch(number=len(match.ids), rule=rule))
    plan = _known(draft, rule, known(match.ids[0]), mapping, caller) if match.ids else _unknown(draft, mapping)
    if draft.left_out and plan.problem is None:
        plan.problem = CellsLeftOut(count=len(draft.left_out), errors=_told_cells(draft.left_out, caller.language))
    return plan


def _known(draft: Draft, rule: str, before: Customer | None, mapping: ImportMapping, caller: Caller) -> Plan:
    if before is None or (before.in_pool and caller.visibility != "all"):
        return Plan(draft, Outcome.FAILED, problem=NotForYou(rule=rule))
    if mapping.mode is ImportMode.CREATE:
        return Plan(draft, Outcome.SKIPPED, before, problem=AlreadyKnown(id=before.id, rule=rule))
    return updated(draft, before, caller)


def updated(draft: Draft, before: Customer, caller: Caller) -> Plan:
    """The plan to bring a customer up to date by a row."""
    after = merged(before, draft)
    for field, system in before.owned_elsewhere(difference(before, after), caller.system).items():
        return Plan(draft, Outcome.FAILED, before, problem=FieldNotOurs(field=field, system=system))
    if not difference(before, after):
        return Plan(draft, Outcome.UNCHANGED, before)
    return Plan(draft, Outcome.UPDATED, before, after)


def judged(
    plan: Plan,
    alike: Alike | None,
    mapping: ImportMapping,
    known: Callable[[UUID], Customer | None],
    caller: Caller,
) -> Plan:
    """The plan of a new row, in view of a customer who is probably the same."""
    if alike is None or mapping.alike is LikenessHandling.IGNORE:
        return plan
    problem = AlikeExists(id=alike.id, percent=round(100 * alike.score), message=alike.because)
    if mapping.alike is LikenessHandling.FLAG:
        plan.problem = problem
        return plan
    before = known(alike.id)
    if plan.after is not None and contradicts(plan.after, before):
        return plan
    if mapping.alike is LikenessHandling.SKIP or before is None or mapping.mode is ImportMode.CREATE:
        return Plan(plan.draft, Outcome.SKIPPED, before, problem=problem)
    if before.in_pool and caller.visibility != "all":
        return Plan(plan.draft, Outcome.SKIPPED, before, problem=problem)
    return updated(plan.draft, before, caller)


def judged_in_file(plan: Plan, row: int, alike: Alike, mapping: ImportMapping) -> Plan:
    """The plan of a new row, in view of an earlier one that is probably about the same."""
    problem = AlikeInFile(row=row, percent=round(100 * alike.score), message=alike.because)
    if mapping.alike is LikenessHandling.FLAG:
        plan.problem = problem
        return plan
    return Plan(plan.draft, Outcome.SKIPPED, problem=problem)


def failed(draft: Draft, problem: DomainError) -> Plan:
    """The plan for a row that cannot be carried out; what cannot be read of it counts first."""
    return Plan(draft, Outcome.FAILED, problem=problem)


def fail(plan: Plan, problem: DomainError) -> None:
    """Let nothing come of a plan."""
    plan.outcome, plan.after, plan.problem = Outcome.FAILED, None, problem


def refused(draft: Draft, problems: Sequence[CellProblem], language: str) -> Plan:
    """The plan for a row that cannot be read: each problem with its cell."""
    errors = _told_cells(problems, language)
    return Plan(draft, Outcome.FAILED, problem=RowRefused(count=len(errors), errors=errors))


def _told_cells(problems: Sequence[CellProblem], language: str) -> list[FieldProblem]:
    return [FieldProblem(one.column or "", one.code, _told(one, language)) for one in problems]


def _told(problem: CellProblem, language: str) -> str:
    place, words = problem.place.into(language), problem.words.into(language)
    separator = "：" if language == "zh" else ": "
    return f"{place}{separator}{words}" if place else words


def _unknown(draft: Draft, mapping: ImportMapping) -> Plan:
    if mapping.mode is ImportMode.UPDATE:
        return Plan(draft, Outcome.SKIPPED, problem=NotKnown())
    if not draft.has_name:
        return Plan(draft, Outcome.FAILED, problem=NameMissing())
    return Plan(draft, Outcome.CREATED, after=draft.customer)


def contradicts(said: Customer, known: Customer | None) -> bool:
    """Whether numbers that nobody shares differ: then the two are not the same, whatever else agrees."""
    if known is None:
        return False
    ids = {ref.system: ref.external_id for ref in known.external_refs}
    if any(ids.get(ref.system, ref.external_id) != ref.external_id for ref in said.external_refs):
        return True
    one, other = said.registration_id, known.registration_id
    return one is not None and other is not None and one != other


_OURS = frozenset({*AUTHORSHIP, "version", "id"})
_COMPARED = tuple(name for name in Customer.model_fields if name not in _OURS)


def difference(before: Customer, after: Customer) -> tuple[str, ...]:
    """Names of the members that differ, authorship and version aside."""
    one, other = before.__dict__, after.__dict__  # most values are the very same, as states are copies of states
    return tuple([name for name in _COMPARED if one[name] is not other[name] and one[name] != other[name]])


_APART = frozenset({"external_refs", OWNER, TEAM})
_ADDED: dict[str, Entries[Any]] = {"phones": PHONES, "emails": EMAILS}


def merged(before: Customer, draft: Draft) -> Customer:
    """The customer with what a row says: lists get what they lack, other members the row's values.

    What the row leaves empty stays as it is, so that the same row again changes nothing.
    """
    said = draft.customer
    if said is None:
        return before
    changes: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name in draft.fields:
        if name in _ADDED:
            values |= _added(_ADDED[name], getattr(before, name), getattr(said, name))
        elif name in _JOINED:
            values[name] = _JOINED[name](before, said)
        elif name == "address":
            changes["address"] = _completed(before, draft)
        elif name == "registration_id":
            changes["registration_id"] = said.registration_id
        elif name not in _APART:
            values[name] = getattr(said, name)
    after = before.changed(changes, foreign=True) if changes else before
    for ref in said.external_refs:
        after = after.linked(ref) if ref not in after.external_refs else after
    return given(after.with_(**values), draft, said)


def _added(kind: Entries[Any], before: tuple[Any, ...], new: tuple[Any, ...]) -> dict[str, Any]:
    """Both members of a list that has got the entries which it lacked."""
    keys: set[Hashable] = {kind.distinct(entry) for entry in before}
    missing = [entry.model_copy(update={"primary": False}) for entry in new if kind.distinct(entry) not in keys]
    if not missing:
        return {}
    entries = [*before, *missing]
    if not any(map(is_primary, entries)):
        entries[0] = entries[0].model_copy(update={"primary": True})
    return kind.members(entries)


def _new_documents(before: Customer, said: Customer) -> Iterable[IdentityDocument]:
    known = {(one.kind, one.number) for one in before.identity_documents}
    return (one for one in said.identity_documents if (one.kind, one.number) not in known)


_JOINED: Mapping[str, Callable[[Customer, Customer], Any]] = {
    "identity_documents": lambda before, said: (*before.identity_documents, *_new_documents(before, said)),
    "tags": lambda before, said: tuple(dict.fromkeys((*before.tags, *said.tags))),
    "custom": lambda before, said: {**before.custom, **said.custom},
}


def _completed(before: Customer, draft: Draft) -> Any:
    """The address with the parts that the row has."""
    said = draft.customer.address if draft.customer else None
    if before.address is None or said is None:
        return said
    return before.address.model_copy(update={name: getattr(said, name) for name in draft.places})
