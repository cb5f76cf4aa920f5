"""Rules of merges: which value the survivor gets, and what is restored when a merge is undone."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from crm_contracts.contact.v1 import ContactLink, ContactStatus
from crm_contracts.duplicate.v1 import FieldChoice, MergeConflict, MergeStatus, MovedRecords
from crm_platform.aggregate import AggregateState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from customer_svc.contacts.domain import Contact
from customer_svc.customer_merges.choosing import custom
from customer_svc.customer_merges.choosing.custom import FILLED, NEWEST, SURVIVOR, UNION
from customer_svc.customers.domain import Customer
from customer_svc.values.lists import ADDRESSES, EMAILS, PHONES, REGISTRATIONS
from customer_svc.values.refused import AllRefused, Refused
from customer_svc.values.registration import compact

NOUN = Words("merge of customers", "客户合并")

LIFE_CYCLE: StateMachine[MergeStatus] = StateMachine(
    what=NOUN,
    initial=MergeStatus.MERGED,
    transitions={(MergeStatus.MERGED, "unmerge"): MergeStatus.UNMERGED},
)

SINGLE: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("kind",),
    "name": ("name",),
    "name_latin": ("name_latin",),
    "short_name": ("short_name",),
    "status": ("status", "status_reason", "status_note", "status_since"),
    "grade": ("grade",),
    "industry": ("industry",),
    "employees": ("employees",),
    "founded_year": ("founded_year",),
    "annual_revenue": ("annual_revenue",),
    "website": ("website",),
    "payment_terms_days": ("payment_terms_days",),
    "credit_limit": ("credit_limit",),
    "parent_id": ("parent_id",),
    "size": ("size",),
    "source": ("source",),
    "owner": ("owner_id", "team_id", "owner_since"),
}
"""Fields with one value, and the members that go with it; the first one tells whether it is known."""

LISTS: Final[Mapping[str, Callable[[Any], Hashable]]] = {
    "tags": lambda tag: tag,
    "external_refs": lambda ref: (ref.system, ref.external_id),
    "phones": PHONES.distinct,
    "emails": EMAILS.distinct,
    "addresses": ADDRESSES.distinct,
    "registrations": REGISTRATIONS.distinct,
    "identity_documents": lambda one: (one.kind, compact(one.number), one.country),
}
"""Fields with several values, and what no two of them may share."""

_ENTRIES: Final = {entries.plural: entries for entries in (ADDRESSES, EMAILS, PHONES, REGISTRATIONS)}

FIELDS: Final = (*SINGLE, *LISTS)

_UNKNOWN = Words("customers have no such field to choose", "客户没有可选择的此字段")
_CHOICE = Words(
    "`survivor`, `newest`, `filled`, for lists `union`, or the id of one of the customers",
    "应为 survivor、newest、filled、union（仅列表）或其中一个客户的 ID",
)
_OWNED = Words("both belong together: choose them by `owner`", "请通过 owner 一并选择")


class CustomerMerge(AggregateState):
    """Customers that were merged into one."""

    survivor_id: UUID
    absorbed_ids: tuple[UUID, ...]
    choices: tuple[FieldChoice, ...] = ()
    status: MergeStatus = LIFE_CYCLE.initial
    moved: tuple[MovedRecords, ...] = ()
    conflicts: tuple[MergeConflict, ...] = ()

    def unmerged(self, conflicts: Sequence[MergeConflict]) -> "CustomerMerge":
        """The merge, taken back; ``conflicts`` is what did not go back.

        Raises:
            InvalidTransition: It is taken back already.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "unmerge"), conflicts=tuple(conflicts))


@dataclass(frozen=True, slots=True)
class Merged:
    """What comes of a merge.

    Attributes:
        customer: The survivor after it.
        choices: From whom each field was taken.
        origins: By field, the customers that gave a value: one, or for lists several.
    """

    customer: Customer
    choices: tuple[FieldChoice, ...]
    origins: Mapping[str, tuple[UUID, ...]]


def merge(survivor: Customer, absorbed: Sequence[Customer], choices: Mapping[str, str], rules: custom.Rules) -> Merged:
    """The survivor after others are merged into it.

    Where nothing is chosen, the survivor keeps the values that it has; those that it lacks are taken from the others,
    the newest first (``filled``), and lists are joined (``union``).

    Args:
        survivor: The customer that stays.
        absorbed: Those that go.
        choices: By field: ``survivor``, ``newest`` (of those that have a value, whoever was changed last), ``filled``,
            ``union``, or the id of one of the customers.
        rules: What holds for custom fields, which are chosen by ``custom.`` and their key.

    Raises:
        AllRefused: Choices that are none.
    """
    everybody = [survivor, *absorbed]
    refusals = [refusal for name, take in choices.items() for refusal in _refusals(name, take, everybody)]
    refusals += custom.refusals(choices, everybody, rules)
    if refusals:
        raise AllRefused(refusals)
    own = custom.taken(survivor, absorbed, choices, rules)
    values: dict[str, Any] = {"custom": own.values}
    taken: list[FieldChoice] = []
    origins: dict[str, tuple[UUID, ...]] = {}
    for name in FIELDS:
        take = choices.get(name, UNION if name in LISTS else FILLED)
        givers = _givers(name, take, survivor, absorbed)
        values |= _joined(name, givers) if name in LISTS else {one: getattr(givers[0], one) for one in SINGLE[name]}
        taken.append(FieldChoice(field=name, take=take))
        origins[name] = tuple(giver.id for giver in givers)
    after = survivor.with_(**_without_absorbed(values, survivor, absorbed))
    return Merged(after, (*taken, *own.choices), {**origins, **own.origins})


def _refusals(name: str, take: str, customers: Sequence[Customer]) -> list[Refused]:
    if name in {"owner_id", "team_id"}:
        return [Refused("chosen_together", _OWNED, ("choices", name))]
    if name.startswith(custom.PREFIX):
        return []
    if name not in FIELDS:
        return [Refused("unknown_field", _UNKNOWN, ("choices", name))]
    known = {SURVIVOR, NEWEST, FILLED, *(str(customer.id) for customer in customers)}
    if take in known or (take == UNION and name in LISTS):
        return []
    return [Refused("unknown_choice", _CHOICE, ("choices", name))]


def _givers(name: str, take: str, survivor: Customer, absorbed: Sequence[Customer]) -> list[Customer]:
    """Whose value a field takes; several for a union."""
    everybody = [survivor, *absorbed]
    if take == SURVIVOR:
        return [survivor]
    if take == UNION:
        return [survivor, *(one for one in absorbed if getattr(one, name))]
    if take in {NEWEST, FILLED}:
        return [_best(name, survivor, absorbed, prefer_survivor=take == FILLED)]
    return [next(one for one in everybody if str(one.id) == take)]


def _best(name: str, survivor: Customer, absorbed: Sequence[Customer], *, prefer_survivor: bool) -> Customer:
    having = [one for one in (survivor, *absorbed) if _known(one, name)]
    if not having or (prefer_survivor and survivor in having):
        return survivor
    return max(having, key=custom.newest)


def _known(customer: Customer, name: str) -> bool:
    value = getattr(customer, SINGLE.get(name, (name,))[0])
    return value is not None and value != ()


def _joined(name: str, givers: Sequence[Customer]) -> dict[str, Any]:
    """The values of a list, each once and the survivor's first; the first primary entry stays the primary one."""
    entries = _ENTRIES.get(name)
    found: dict[Hashable, Any] = {}
    primary = False
    for value in (value for giver in givers for value in getattr(giver, name)):
        if LISTS[name](value) in found:
            continue
        if entries is not None and value.primary:
            value = value.model_copy(update={"primary": not primary})  # noqa: PLW2901
            primary = True
        found[LISTS[name](value)] = value
    values = tuple(found.values())
    return {name: values} if entries is None else entries.members(values)


def _without_absorbed(values: dict[str, Any], survivor: Customer, absorbed: Sequence[Customer]) -> dict[str, Any]:
    """``values``, whose parent is neither the survivor nor one that goes: that one's own parent takes its place."""
    parents = {one.id: one.parent_id for one in absorbed}
    parent = values["parent_id"]
    for _ in parents:
        parent = parents.get(parent, parent)
    return values | {"parent_id": None if parent == survivor.id or parent in parents else parent}


def restored(
    before: Customer, merged: Customer, present: Customer, rules: custom.Rules
) -> tuple[Customer, list[MergeConflict]]:
    """The survivor after its merge is undone: what has not changed since is as it was before.

    Args:
        before: The survivor before the merge.
        merged: The survivor as the merge left it.
        present: The survivor as it is.
        rules: What holds for custom fields.

    Returns:
        The next state, and the fields that were changed since and stay.
    """
    values: dict[str, Any] = {}
    conflicts: list[MergeConflict] = []
    for name, members in _groups():
        was, then, now = (tuple(getattr(one, member) for member in members) for one in (before, merged, present))
        if was == then:
            continue
        if now == then:
            values |= dict(zip(members, was, strict=True))
        else:
            conflicts.append(MergeConflict(kind="customer", record_id=present.id, field=name))
    own, stay = custom.restored(before, merged, present, rules)
    return present.with_(**values, custom=own), conflicts + stay


def _groups() -> Iterable[tuple[str, tuple[str, ...]]]:
    yield from SINGLE.items()
    for name in LISTS:
        yield name, (name, _ENTRIES[name].single) if name in _ENTRIES else (name,)


@dataclass(frozen=True, slots=True)
class MovedLink:
    """What a contact was at a customer that is gone, what it was at the survivor, and what it became there."""

    contact_id: UUID
    absorbed_id: UUID
    absorbed: ContactLink
    survivor: ContactLink | None
    merged: ContactLink


def moved_along(
    contact: Contact, survivor_id: UUID, absorbed_ids: Sequence[UUID], *, has_primary: bool
) -> tuple[Contact, list[MovedLink]]:
    """The contact, at the survivor in the place of those that are gone; and how it got there.

    Where it was at the survivor already, that counts, and is filled up by what it was at the others.

    Args:
        contact: Somebody at one of them at least.
        survivor_id: The customer that stays.
        absorbed_ids: Those that go.
        has_primary: The survivor has a primary contact, which stays that.
    """
    moved: list[MovedLink] = []
    for absorbed_id in sorted(absorbed_ids):  # and back in the reverse order
        link, known = contact.link_to(absorbed_id), contact.link_to(survivor_id)
        if link is None:
            continue
        primary = known.primary if known else False
        after = _filled(known, link, primary=primary or (link.primary and not has_primary), at=survivor_id)
        moved.append(MovedLink(contact.id, absorbed_id, link, known, after))
        others = [one for one in contact.links if one.customer_id not in {absorbed_id, survivor_id}]
        contact = contact.with_(links=(*others, after))
        has_primary = has_primary or after.primary
    return contact, moved


def _filled(known: ContactLink | None, link: ContactLink, *, primary: bool, at: UUID) -> ContactLink:
    if known is None:
        return link.model_copy(update={"customer_id": at, "primary": primary})
    blanks = {name: value for name, value in dict(link).items() if getattr(known, name) is None}
    return known.model_copy(update=blanks | {"primary": primary})


def moved_back(contact: Contact, moved: MovedLink, *, has_primary: bool) -> tuple[Contact, bool]:
    """The contact at the customer that is back, and whether what it is at the survivor could go back too.

    Args:
        contact: Who was moved.
        moved: How.
        has_primary: The customer that is back has a primary contact by now, who stays that.
    """
    survivor_id, present = moved.merged.customer_id, contact.link_to(moved.merged.customer_id)
    unchanged = present == moved.merged
    links = list(contact.links)
    if unchanged:
        links = [one for one in links if one.customer_id != survivor_id]
        links += [moved.survivor] if moved.survivor else []
    if contact.link_to(moved.absorbed_id) is None:  # else somebody has said since what it is there
        primary = moved.absorbed.primary and not has_primary and contact.status is ContactStatus.ACTIVE
        links.append(moved.absorbed.model_copy(update={"primary": primary}))
    return contact.with_(links=tuple(links)), unchanged
