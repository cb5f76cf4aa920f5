"""Which of two words of one person counts: the one by which less may be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_contracts.privacy.v1 import ConsentStatus, ContactMeans
from customer_svc.consents.domain import Consent

_ORDER = (ConsentStatus.GIVEN, ConsentStatus.PENDING, ConsentStatus.EXPIRED, ConsentStatus.WITHDRAWN)
"""The later, the less may be done."""

_SAID = ("status", "source", "text_version", "said_at", "expires_at", "evidence")
"""What a consent says, beside about whom and what it is."""

Change = tuple[Consent, Consent]


def strictest(consents: Iterable[Consent]) -> Consent:
    """The one by which least may be done; among equal ones that which ends first, and then the newest."""
    return max(consents, key=_strictness)


def _strictness(consent: Consent) -> tuple[int, float, datetime]:
    ends = float("-inf") if consent.expires_at is None else -consent.expires_at.timestamp()
    return _ORDER.index(consent.status), ends, consent.said_at


def saying(consent: Consent, other: Consent) -> Consent:
    """``consent``, saying what ``other`` says."""
    return consent.with_(**{name: getattr(other, name) for name in _SAID})


def merged(survivor_id: UUID, consents: Iterable[Consent]) -> list[Change]:
    """What becomes of the consents of people who become one.

    The survivor's says what the strictest says. Where it has none, the strictest becomes the survivor's. All others
    stay as they are, with those who are gone.
    """
    changes: list[Change] = []
    for group in _by_matter(consents).values():
        strict = strictest(group)
        mine = next((one for one in group if one.subject_id == survivor_id), None)
        if mine is None:
            changes.append((strict, strict.with_(subject_id=survivor_id)))
        elif strict is not mine and saying(mine, strict) != mine:
            changes.append((mine, saying(mine, strict)))
    return changes


@dataclass(frozen=True, slots=True)
class Kept:
    """A consent as it was before a merge, and the version that it had afterwards."""

    before: Consent
    version_after: int


@dataclass(frozen=True, slots=True)
class Apart:
    """What becomes of consents when people who were one are several again.

    Attributes:
        changes: Of consents that there are.
        copies: New ones, for the survivor.
        said_since: Consents about which something was said since the merge.
    """

    changes: Sequence[Change]
    copies: Sequence[Consent]
    said_since: Sequence[UUID]


def taken_apart(kept: Iterable[Kept], present: dict[UUID, Consent], of_absorbed: Iterable[Consent]) -> Apart:
    """What has not changed since is as it was; what the person has said since counts for both.

    Args:
        kept: The consents that the merge changed.
        present: The same as they are now, by id.
        of_absorbed: Those of the people who are back, which the merge left with them.
    """
    theirs = _by_matter(of_absorbed)
    changes: list[Change] = []
    copies: list[Consent] = []
    said_since: list[UUID] = []
    for one in kept:
        now = present.get(one.before.id)
        if now is None:
            said_since.append(one.before.id)
        elif now.version == one.version_after:
            changes.append((now, saying(now, one.before).with_(subject_id=one.before.subject_id)))
        else:
            said_since.append(now.id)
            if now.subject_id != one.before.subject_id:
                changes.append((now, now.with_(subject_id=one.before.subject_id)))
                copies.append(now)
            changes += [(other, saying(other, strictest((other, now)))) for other in theirs.get(_matter(now), ())]
    return Apart(changes, copies, said_since)


def _by_matter(consents: Iterable[Consent]) -> dict[tuple[str, ContactMeans], list[Consent]]:
    groups: dict[tuple[str, ContactMeans], list[Consent]] = {}
    for one in consents:
        groups.setdefault(_matter(one), []).append(one)
    return groups


def _matter(consent: Consent) -> tuple[str, ContactMeans]:
    """What a consent is about."""
    return consent.purpose, consent.channel
