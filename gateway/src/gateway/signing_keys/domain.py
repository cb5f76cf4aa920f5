"""Rules of signing keys: when one is made, published, used and forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

Jwk = dict[str, Any]


class KeyState(StrEnum):
    """What a key is good for at a moment."""

    NEXT = "next"
    CURRENT = "current"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A signing key as it is stored.

    Attributes:
        kid: Its id, in the header of every token that it signs.
        public: The public half as a JWK.
        published_at: Since when the key set has it.
        use_from: When it begins to sign; every gateway keeps to this moment by itself.
        sealed: The private half, encrypted.
    """

    kid: str
    public: Jwk
    published_at: datetime
    use_from: datetime
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of rotation.

    Attributes:
        interval: For how long one key signs.
        lead: For how long a key is published before it signs: twice the verifiers' cache time.
        keep: For how long a key stays published after it has signed for the last time: as long as its tokens live.
    """

    interval: timedelta
    lead: timedelta
    keep: timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """What must be done with the stored keys."""

    make: tuple[datetime, ...]
    """Moments from which new keys are to be used."""
    forget: tuple[str, ...]
    """Ids of keys whose tokens have all expired."""


def current(keys: Sequence[SigningKey], now: datetime) -> SigningKey | None:
    """The key that signs at ``now``."""
    return max((key for key in keys if key.use_from <= now), key=lambda key: key.use_from, default=None)


def following(keys: Sequence[SigningKey], now: datetime) -> SigningKey | None:
    """The key that will sign next."""
    return min((key for key in keys if key.use_from > now), key=lambda key: key.use_from, default=None)


def state_of(key: SigningKey, keys: Sequence[SigningKey], now: datetime) -> KeyState:
    """What ``key`` is good for at ``now``."""
    if key.use_from > now:
        return KeyState.NEXT
    return KeyState.CURRENT if key == current(keys, now) else KeyState.PREVIOUS


def plan(keys: Sequence[SigningKey], now: datetime, schedule: Schedule) -> Plan:
    """There is always a key in use and one that comes after it; others go when nobody needs them any more."""
    make: list[datetime] = []
    in_use = current(keys, now)
    if in_use is None:
        make.append(now)
    if following(keys, now) is None:
        began = in_use.use_from if in_use else now
        make.append(max(began + schedule.interval, now + schedule.lead))
    return Plan(tuple(make), tuple(key.kid for key in keys if _is_over(key, keys, now, schedule)))


def _is_over(key: SigningKey, keys: Sequence[SigningKey], now: datetime, schedule: Schedule) -> bool:
    later = [other.use_from for other in keys if other.use_from > key.use_from]
    return bool(later) and min(later) + schedule.keep <= now
