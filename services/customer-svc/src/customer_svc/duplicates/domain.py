"""Rules of duplicates: what of a customer is compared, and in which order candidates are told."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from crm_contracts.customer.v1 import CustomerKind, Email, IdentityDocument, Phone, PostalAddress, Registration
from customer_svc.duplicates.matching.keys import probe_texts, stored_texts
from customer_svc.duplicates.matching.profile import Entry, Profile, profile
from customer_svc.duplicates.matching.scoring import Match, match_of
from customer_svc.duplicates.matching.weights import Model

_PERSON = CustomerKind.PERSON
HOME = "CN"
"""The country of numbers that name none."""


class Described(Protocol):
    """What is read of a customer, in the members that its state, its snapshot and its JSON share."""

    @property
    def kind(self) -> CustomerKind: ...  # noqa: D102 - the members are those of the contract
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def name_latin(self) -> str | None: ...  # noqa: D102
    @property
    def short_name(self) -> str | None: ...  # noqa: D102
    @property
    def website(self) -> str | None: ...  # noqa: D102
    @property
    def phones(self) -> Sequence[Phone]: ...  # noqa: D102
    @property
    def emails(self) -> Sequence[Email]: ...  # noqa: D102
    @property
    def addresses(self) -> Sequence[PostalAddress]: ...  # noqa: D102
    @property
    def registrations(self) -> Sequence[Registration]: ...  # noqa: D102
    @property
    def identity_documents(self) -> Sequence[IdentityDocument]: ...  # noqa: D102


COMPARED = tuple(sorted(name for name in vars(Described) if not name.startswith("_")))
"""Names of the members that are read."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that may be the same, and why."""

    id: UUID
    match: Match


class Trial(NamedTuple):
    """Records that would be entered or changed, to be found as if they were: a dry run under way.

    Attributes:
        id: Under which they are kept.
        load: Reads them by their ids; others are absent.
    """

    id: UUID
    load: Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Described]]]


class Shelf:
    """Records that are not in the table yet, under their keys; looked up within the limits that the table has too.

    So each record of a batch is compared with a few of those before it, however many of them are alike.

    Args:
        most_per_key: Records that are read under one key.
        most: Records that are found at most, those first who share keys that few others share.
    """

    def __init__(self, *, most_per_key: int, most: int) -> None:
        self._most_per_key, self._most = most_per_key, most
        self._under: dict[Hashable, list[UUID]] = {}

    def file(self, id: UUID, keys: Iterable[Hashable]) -> None:
        """Put a record under its keys; a key that has as many as are read takes no more."""
        for key in keys:
            filed = self._under.setdefault(key, [])
            if len(filed) < self._most_per_key:
                filed.append(id)

    def near(self, keys: Iterable[Hashable]) -> list[UUID]:
        """The records under these keys."""
        rarity: dict[UUID, float] = {}
        for key in keys:
            filed = self._under.get(key, ())
            for id in filed:
                rarity[id] = rarity.get(id, 0.0) + 1 / len(filed)
        return nsmallest(self._most, rarity, key=lambda id: (-rarity[id], id))


def entry_of(customer: Described) -> Entry:
    """What of a customer is compared; of several addresses the primary one, or else the first."""
    at = _main_address(customer.addresses)
    names = (customer.name_latin, customer.short_name)
    return Entry(
        name=customer.name,
        other_names=tuple(filter(None, names)) if any(names) else (),
        is_person=customer.kind == _PERSON,
        phones=tuple(phone.number or phone.entered for phone in customer.phones),
        emails=tuple(email.address for email in customer.emails),
        website=customer.website or "",
        street=(at and at.street) or "",
        locality=(at and (at.city or at.district)) or "",
        region=(at and at.province) or "",
        postcode=(at and at.postal_code) or "",
        country=(at and at.country) or HOME,
        identifiers=_identifiers(customer),
    )


def _main_address(addresses: Sequence[PostalAddress]) -> PostalAddress | None:
    if len(addresses) < 2:  # noqa: PLR2004  the usual case
        return addresses[0] if addresses else None
    return next((one for one in addresses if one.primary), addresses[0])


def _identifiers(customer: Described) -> dict[str, str]:
    """Numbers of registers by kind and country; the first of each, as a customer has one number in one register."""
    listed = [(f"{one.kind}.{one.country or ''}", one.number) for one in customer.registrations]
    listed += [(f"{one.kind}.{one.country or ''}", one.number) for one in customer.identity_documents]
    return dict(reversed(listed))


def profile_of(customer: Described) -> Profile:
    """The normal form in which a customer is compared."""
    return profile(entry_of(customer))


def ranked(asked: Profile, others: Mapping[UUID, Profile], model: Model, *, most: int = 10) -> Sequence[Candidate]:
    """Those of ``others`` that are at least possible, the likeliest first.

    Args:
        asked: The customer in question.
        others: Who shares a key with it.
        model: Weights and thresholds.
        most: How many are told at most.
    """
    judged = ((id, match_of(asked, other, model)) for id, other in others.items())
    told = [Candidate(id, match) for id, match in judged if match is not None]
    return sorted(told, key=lambda candidate: (-candidate.match.score, candidate.id))[:most]


class _Gathering:
    """Records of one batch, each compared with some of those that were gathered before it.

    Their keys stay in memory, and need not be hashed; the limits are those of :class:`Shelf`.
    """

    def __init__(self, *, most_per_key: int, most: int) -> None:
        self._shelf = Shelf(most_per_key=most_per_key, most=most)
        self._profiles: dict[UUID, Profile] = {}

    def like(self, one: Profile, model: Model) -> Sequence[Candidate]:
        """Who of those before may be the same."""
        return ranked(one, {id: self._profiles[id] for id in self._shelf.near(probe_texts(one))}, model)

    def add(self, id: UUID, one: Profile) -> None:
        """Let later ones be compared with this one."""
        self._profiles[id] = one
        self._shelf.file(id, stored_texts(one))


def among(
    asked: Sequence[Any], models: Mapping[CustomerKind, Model], *, most_per_key: int, most: int
) -> list[Sequence[Candidate]]:
    """For each of ``asked``, who of those before it may be the same, whatever was found of these."""
    gathering = _Gathering(most_per_key=most_per_key, most=most)
    told: list[Sequence[Candidate]] = []
    for customer in asked:
        one = profile_of(customer)
        told.append(gathering.like(one, models[customer.kind]))
        gathering.add(customer.id, one)
    return told


def also_among(
    asked: Sequence[Any],
    found: Sequence[Sequence[Candidate]],
    models: Mapping[CustomerKind, Model],
    *,
    most_per_key: int,
    most: int,
) -> list[Sequence[Candidate]]:
    """``found``, and for those of whom nobody was found, who of ``asked`` before them may be the same."""
    gathering = _Gathering(most_per_key=most_per_key, most=most)
    told: list[Sequence[Candidate]] = []
    for customer, known in zip(asked, found, strict=True):
        if known or customer.kind not in models:
            told.append(known)
            continue
        one = profile_of(customer)
        told.append(gathering.like(one, models[customer.kind]))
        if not told[-1]:
            gathering.add(customer.id, one)
    return told
