"""Whom the rows of a portion are about: among the customers that there are, and among the rows before them."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from crm_contracts.customer.v1 import CustomerKind
from crm_contracts.imports.v1 import MatchRule
from customer_svc.customers.domain import Customer
from customer_svc.duplicates.service import numbers_of
from customer_svc.imports.rows.drafts import Draft, Parent
from customer_svc.imports.rows.plans import OWNING, Match, Outcome, Plan, contradicts
from customer_svc.values.emails import email_key
from customer_svc.values.names import name_key
from customer_svc.values.registration import foreign_registration

RowKey = tuple[str, UUID]
"""A rule, and the blind key of a value: by which a row is known to later ones."""

Found = Mapping[MatchRule, Mapping[str, tuple[UUID, ...]]]
"""The customers that have a value, by rule and value."""

Values = Mapping[tuple[int, MatchRule], tuple[str, ...]]
Known = Callable[[UUID], Customer | None]
Blind = Callable[[str, str], UUID]

# Looked up in its class, each costs a call, and rows are asked for them by the million.
_NAME, _PERSON = MatchRule.NAME, CustomerKind.PERSON

_SUBJECT, _ENTERED = "customer", "entered"
"""The kinds of the keys of rows that are about one customer, whatever rule has told: a known one, or a new one."""


def values_of(customer: Customer, rule: MatchRule) -> tuple[str, ...]:
    """The values of a row by which a rule knows it again."""
    return _VALUES[rule](customer)


def _numbers(customer: Customer) -> tuple[str, ...]:
    """Numbers of registers with their kind and country, as the search for duplicates files them."""
    if not customer.registrations:
        return ()
    return tuple(f"{kind}:{number}" for kind, number in numbers_of(customer).items())


_VALUES: Mapping[MatchRule, Callable[[Customer], tuple[str, ...]]] = {
    MatchRule.EXTERNAL_ID: lambda customer: tuple(ref.external_id for ref in customer.external_refs),
    MatchRule.REGISTRATION_ID: _numbers,
    MatchRule.EMAIL: lambda customer: tuple(filter(None, (email_key(email.address) for email in customer.emails))),
    MatchRule.PHONE: lambda customer: tuple(phone.number for phone in customer.phones if phone.number),
    MatchRule.NAME: lambda customer: (name_key(customer.name),) if customer.name else (),
}


def parent_value(parent: Parent) -> str:
    """What a parent company is known by, in the form that :func:`values_of` gives; empty if it says nothing."""
    match parent.rule:
        case MatchRule.EXTERNAL_ID:
            return parent.said
        case MatchRule.REGISTRATION_ID:
            named = Customer(id=UUID(int=0), name="", registrations=(foreign_registration(parent.said),))
            return next(iter(values_of(named, parent.rule)), "")
        case _:
            return name_key(parent.said)


def is_namesake(said: Customer, known: Customer | None) -> bool:
    """Whether a name alone does not make a row and a customer one.

    People share names: whoever has a phone or an e-mail address is known by that or not at all, and others by name and
    city. The name of a company is its own.
    """
    if known is None or CustomerKind.PERSON not in {said.kind, known.kind}:
        return False
    ours, theirs = _cities(said), _cities(known)
    return _is_reached(said) or bool(ours and theirs and not ours & theirs)


def _is_reached(person: Customer) -> bool:
    return bool(person.phones or person.emails)


def _cities(customer: Customer) -> set[str]:
    return {name_key(one.city) for one in customer.addresses if one.city}


def _row_values(customer: Customer, rule: MatchRule, values: Iterable[str]) -> list[str]:
    """By what rows of one file are known to each other: like customers, people by name and city."""
    if rule is _NAME and customer.kind is _PERSON:
        return [f"{value}|{'|'.join(sorted(_cities(customer)))}" for value in values]
    return list(values)


class Matching:
    """Finds for each row of a portion, in their order, whom it is about.

    Args:
        rules: In the order in which they count.
        values: Those of each row by its number and rule, as :func:`values_of` gives them.
        found: Customers by the values of the portion.
        blind: Makes the key of a rule's value.
    """

    def __init__(self, rules: Iterable[MatchRule], values: Values, found: Found, blind: Blind) -> None:
        self._rules = tuple(rules)
        self._values = values
        self._found = found
        self._keys: dict[int, list[tuple[MatchRule, RowKey]]] = {}
        self._blind = blind
        self._rows: dict[RowKey, int] = {}
        self._new: dict[RowKey, int] = {}

    @property
    def ids(self) -> set[UUID]:
        """All customers that could be meant."""
        return {id for by_value in self._found.values() for ids in by_value.values() for id in ids}

    @property
    def new(self) -> Mapping[RowKey, int]:
        """The keys of the portion's rows, for the portions to come."""
        return self._new

    def keys_of(self, draft: Draft) -> list[tuple[MatchRule, RowKey]]:
        """The keys by which later rows are known to be about the same."""
        if draft.number not in self._keys:
            self._keys[draft.number] = [
                (rule, (rule.value, self._blind(rule.value, value)))
                for rule in self._rules
                if draft.customer is not None
                for value in _row_values(draft.customer, rule, self.values_of(draft, rule))
            ]
        return self._keys[draft.number]

    def values_of(self, draft: Draft, rule: MatchRule) -> tuple[str, ...]:
        """The values of a row by which a rule knows it again."""
        return self._values.get((draft.number, rule), ())

    def remember(self, rows: Mapping[RowKey, int]) -> None:
        """Take in the keys of rows of earlier portions."""
        self._rows.update(rows)

    def subject_keys(self) -> list[RowKey]:
        """The keys of all customers that could be meant."""
        return [key(id) for id in self.ids for key in (subject_key, entered_key)]

    def match(self, draft: Draft, known: Known) -> Match:
        """Whom a row is about."""
        for rule, key in self.keys_of(draft):
            if key in self._rows and not is_only_a_name(draft, rule):
                return Match(rule, row=self._rows[key])
        for rule in self._rules:
            ids = self._meant(draft, rule, known)
            if len(ids) == 1 and subject_key(ids[0]) in self._rows:
                return Match(rule, row=self._rows[subject_key(ids[0])])
            if ids:
                return Match(rule, ids)
        return Match()

    def is_known(self, draft: Draft) -> bool:
        """Whether some rule finds somebody who has what a row says, whether or not the row contradicts that."""
        return any(self._meant(draft, rule, lambda _: None) for rule in self._rules)

    def note(self, plan: Plan) -> None:
        """Let later rows know of this one."""
        if plan.outcome not in OWNING:
            return
        keys = [key for _, key in self.keys_of(plan.draft)]
        if plan.before is not None:
            keys.append(subject_key(plan.before.id))
        for key in keys:
            if key not in self._rows:
                self._rows[key] = self._new[key] = plan.draft.number

    def _meant(self, draft: Draft, rule: MatchRule, known: Known) -> tuple[UUID, ...]:
        by_value, said = self._found.get(rule, {}), draft.customer
        if said is None or is_only_a_name(draft, rule):
            return ()
        ids = {id for value in self.values_of(draft, rule) for id in by_value.get(value, ())}
        # Those whom the file has entered are known by the keys of its rows, as they are in a dry run too.
        ids = {id for id in ids if entered_key(id) not in self._rows}
        meant = (id for id in ids if not contradicts(said, known(id)))
        if rule is MatchRule.NAME:
            meant = (id for id in meant if not is_namesake(said, known(id)))
        return tuple(sorted(meant))


def is_only_a_name(draft: Draft, rule: MatchRule) -> bool:
    """Whether a rule tells nothing of a row: the name of a person who can be reached, whom namesakes are not asked for.

    In a base of a million, three of them stand behind each row.
    """
    said = draft.customer
    return rule is _NAME and said is not None and said.kind is _PERSON and _is_reached(said)


def subject_key(id: UUID) -> RowKey:
    """The key of rows that are about a customer who was there before."""
    return (_SUBJECT, id)


def entered_key(id: UUID) -> RowKey:
    """The key of the row that enters a customer."""
    return (_ENTERED, id)


def told_of(plans: Iterable[Plan]) -> dict[RowKey, int]:
    """By which customers the rows of a portion are known, whether rules have told or likeness."""
    told: dict[RowKey, int] = {}
    for plan in plans:
        if plan.outcome is Outcome.CREATED and plan.after is not None:
            told[entered_key(plan.after.id)] = plan.draft.number
        elif plan.outcome in OWNING and plan.before is not None:
            told.setdefault(subject_key(plan.before.id), plan.draft.number)
    return told
