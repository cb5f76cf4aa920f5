"""One score for a pair of profiles, with its reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from math import inf, log2
from typing import NamedTuple

from crm_platform.words import Words
from customer_svc.duplicates.matching.comparison import Finding, compare_fields, compare_places
from customer_svc.duplicates.matching.naming import WHOLE_NAME, comparable, compare_namings, core_bits, generic_bits
from customer_svc.duplicates.matching.organisation import OrganisationName
from customer_svc.duplicates.matching.profile import Profile
from customer_svc.duplicates.matching.reasons import words_of
from customer_svc.duplicates.matching.weights import Chances, Level, Model

_MOVED = log2(0.07)
"""What a different address takes at most: who moves, changes all of its parts at once, so they are one observation."""
_NEIGHBOURS, _COLLEAGUES = 3.0, 10.0
"""How many others in the base share an address or a phone, for each record that shares it as a duplicate: people of one
household (2.6 people, Seventh National Population Census 2020), companies of one building. So what is shared by place
never gets the odds above one to so many, however exactly it agrees."""
_FAMILY = Chances(0.9, 0.5)
"""Those who share an address or a phone, mostly share the family name."""


_EXCLUDED = -10.0
"""What contrary evidence leaves at most, whatever else agrees: sister companies share all but their numbers."""
_CONTRARY = Level.CONTRARY
_COMMON = frozenset({"street", "number", "locality", "region", "postcode", "phone"})
_GIVEN = frozenset({"given_name", "given_name_han"})
_FAMILY_NAME = frozenset({"family_name", "family_name_han"})
_TELLING = 8.0
"""Bits from which what is shared by place means one door, and not one town."""


class Verdict(StrEnum):
    """What to do about a pair."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"


class Reason(NamedTuple):
    """What one field says about a pair.

    Attributes:
        field: Which one.
        level: How far it agrees.
        bits: What that is worth: each bit doubles the odds that the two are the same.
    """

    field: str
    level: Level
    bits: float

    @property
    def text(self) -> Words:
        """The same for people."""
        return words_of(self.field, self.level)


@dataclass(frozen=True, slots=True)
class Match:
    """How a pair is judged.

    Attributes:
        score: The probability that both are about the same company or person, 0 to 1.
        verdict: What the thresholds make of it.
        reasons: What it is made of, what weighs most first.
    """

    score: float
    verdict: Verdict
    reasons: tuple[Reason, ...]


DEFAULT = Model()


def compare(left: Profile, right: Profile, model: Model = DEFAULT) -> Match:
    """Judge a pair; the order of the two does not matter."""
    score, found = _judged(left, right, model)
    return _match(score, _verdict(score, model), found)


def match_of(left: Profile, right: Profile, model: Model = DEFAULT) -> Match | None:
    """Like :func:`compare`; None for a pair that is unlikely, as most are, whose reasons nobody asks for."""
    score, found = _judged(left, right, model)
    verdict = _verdict(score, model)
    return None if verdict is Verdict.UNLIKELY else _match(score, verdict, found)


def _match(score: float, verdict: Verdict, found: list[Reason]) -> Match:
    return Match(score, verdict, tuple(sorted(found, key=lambda reason: (-abs(reason.bits), reason.field))))


def _judged(left: Profile, right: Profile, model: Model) -> tuple[float, list[Reason]]:
    prior = log2(model.prior / (1 - model.prior))
    found = [*_fields(left, right, model), *_naming(left, right, model), *_address(left, right, model)]
    found = _shared(found, prior, people=left.person is not None and right.person is not None)
    bits = prior + sum([reason.bits for reason in found])
    if _CONTRARY in [reason.level for reason in found]:
        bits = min(bits, _EXCLUDED)
    return _probability(bits), found


def _probability(bits: float) -> float:
    """The probability whose odds are 2^bits; far out it does not overflow."""
    return 1 / (1 + 2 ** -max(min(bits, 1000.0), -1000.0))


def _verdict(score: float, model: Model) -> Verdict:
    if score >= model.likely:
        return Verdict.LIKELY
    return Verdict.POSSIBLE if score >= model.possible else Verdict.UNLIKELY


def _weighed(findings: Iterable[Finding], model: Model) -> list[Reason]:
    weights = model.weights
    return [Reason(field, level, weights[field.partition(".")[0]][level].bits) for field, level in findings]


def _fields(left: Profile, right: Profile, model: Model) -> list[Reason]:
    return _weighed(compare_fields(left, right), model)


def _naming(left: Profile, right: Profile, model: Model) -> list[Reason]:
    """What the names of two companies say: those of each that agree best, as one of them may be a translation."""
    if not left.organisations or not right.organisations:
        return []
    if len(left.organisations) == len(right.organisations) == 1:  # the usual case
        return _names(left.organisations[0], right.organisations[0], model)
    pairs = product(left.organisations, right.organisations)
    judged = [_names(one, other, model) for one, other in pairs]
    return max(judged, key=lambda reasons: sum([reason.bits for reason in reasons]))


def _names(one: OrganisationName, other: OrganisationName, model: Model) -> list[Reason]:
    if not comparable(one, other):
        return _weighed(compare_namings(one, other), model)
    level, bits = core_bits(one, other, model.frequencies)
    found = [Reason("name", level, bits)]
    if one.generic or other.generic:
        alike = one.generic == other.generic or set(one.generic) == set(other.generic)
        same = Level.SAME if alike else Level.DIFFERENT
        business = min(generic_bits(one, other, model.frequencies), max(WHOLE_NAME - bits, 0.0))
        found.append(Reason("business", same, business))
    return found + _weighed(compare_namings(one, other), model)


def _address(left: Profile, right: Profile, model: Model) -> list[Reason]:
    """The parts of the address, scaled so that together they take no more than one move does."""
    return _scaled(_weighed(compare_places(left.place, right.place), model), least=_MOVED)


def _shared(found: list[Reason], prior: float, *, people: bool) -> list[Reason]:
    """The reasons, with what people of one household or companies of one house share scaled to what it can say."""
    common = [reason for reason in found if reason.field in _COMMON]
    if sum([reason.bits for reason in common]) <= _TELLING:
        return found
    most = max(-prior - log2(_NEIGHBOURS if people else _COLLEAGUES), 0.0)
    rest = [reason for reason in found if reason.field not in _COMMON]
    if people and any(reason.field in _GIVEN and reason.level is Level.DIFFERENT for reason in rest):
        rest = [_of_family(reason) for reason in rest]
    return rest + _scaled(common, most=most)


def _of_family(reason: Reason) -> Reason:
    if reason.field in _FAMILY_NAME and reason.bits > _FAMILY.bits:
        return reason._replace(bits=_FAMILY.bits)
    return reason


def _scaled(found: list[Reason], *, least: float = -inf, most: float = inf) -> list[Reason]:
    total = sum([reason.bits for reason in found])
    if least <= total <= most or not total:
        return found
    scale = min(max(total, least), most) / total
    return [Reason(reason.field, reason.level, reason.bits * scale) for reason in found]
