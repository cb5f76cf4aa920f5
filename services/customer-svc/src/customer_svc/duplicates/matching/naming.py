"""What the names of two organisations are worth, word by word.

Each word of either name is one observation: under the hypothesis that both names mean one company, the other has it
with probability m; by accident with the word's frequency u. So a shared rare word says much, a shared filler little,
and a filler that is missing on one side says next to nothing (weights of words by frequency: Winkler, Frequency-Based
Matching in the Fellegi-Sunter Model, 2000). Words that are a slip apart count for less, by the words that they could be
slips of.
"""

from collections.abc import Sequence
from math import log2

from customer_svc.duplicates.matching.comparison import Finding, close
from customer_svc.duplicates.matching.organisation import OrganisationName
from customer_svc.duplicates.matching.organisation_words import form_type
from customer_svc.duplicates.matching.text import is_han
from customer_svc.duplicates.matching.weights import Frequencies, Level

_KEEPS, _SLIPS = 0.90, 0.05
"""Chances that a name of the same company keeps a word, and has it with a slip."""
_KEEPS_GENERIC = 0.60
_KEPT, _KEPT_GENERIC = log2(_KEEPS), log2(_KEEPS_GENERIC)
_SLIP_BITS = log2(_KEEPS / _SLIPS) + log2(3)
"""What a slip is worth less than the word itself: it is rarer, and about three words are one edit from another."""
_LOST = log2((1 - _KEEPS - _SLIPS) / 1)
_LOST_GENERIC = log2((1 - _KEEPS_GENERIC) / 1)
_REPLACED_GENERIC = log2(0.15)
"""Another line of business instead is rarer than none: sister companies are told apart so."""
_LOST_SHORT = log2(1 - 0.7)
"""Initials and short words come and go more easily than names; where the other has something else, they did not."""
_SHORT_WORD = 3
_LONG_HAN = 5
"""Characters beyond which one that differs leaves most of a Chinese name."""
WHOLE_NAME = 26.0
"""What the words of a name say together at most, as they do not come independently: log2 of the 58 million companies of
China (State Administration for Market Regulation, end of 2023)."""


def core_bits(left: OrganisationName, right: OrganisationName, frequencies: Frequencies) -> tuple[Level, float]:
    """How far the distinctive words agree, and what that is worth in bits."""
    if left.whole == right.whole or sorted(left.core) == sorted(right.core):
        return Level.SAME, _least_worth(left, right, frequencies)
    if _slip_in_whole(left, right):
        return Level.CLOSE, _least_worth(left, right, frequencies) + log2(_SLIPS / _KEEPS)
    shared, slips, (ours, theirs) = _aligned(left.core, right.core)
    only = ours + theirs
    if not shared and not slips and close(left.whole, right.whole):
        slips, only = [min(left.whole, right.whole, key=len)], []
    worth = _worth(shared, frequencies) + sum([_slip_bits(word, frequencies) for word in slips])
    bits = min(worth, WHOLE_NAME) + sum([_lost_bits(word, replaced=bool(ours and theirs)) for word in only])
    return (Level.CLOSE if shared or slips else Level.DIFFERENT), bits


def _least_worth(left: OrganisationName, right: OrganisationName, frequencies: Frequencies) -> float:
    """Written in one word or in two: what is said least surely counts, whichever side comes first."""
    worth = _worth(left.core, frequencies)
    if left.core != right.core:
        worth = min(worth, _worth(right.core, frequencies))
    return min(worth, WHOLE_NAME)


def _slip_in_whole(left: OrganisationName, right: OrganisationName) -> bool:
    """Whether two Chinese names differ by a slip in the line of business, which then looks like the trade name."""
    one, other = left.whole, right.whole
    same_trade_name = left.has_han and one != other and (one.startswith(other) or other.startswith(one))
    long_enough = min(len(left.joined), len(right.joined)) > _LONG_HAN
    return same_trade_name and long_enough and close(left.joined, right.joined)


def generic_bits(left: OrganisationName, right: OrganisationName, frequencies: Frequencies) -> float:
    """What lines of business and fillers are worth."""
    if left.generic == right.generic:
        return _generic_worth(left.generic, frequencies)
    shared, slips, (ours, theirs) = _aligned(left.generic, right.generic)
    lost = _REPLACED_GENERIC if ours and theirs else _LOST_GENERIC
    if _slip_in_whole(left, right):
        lost = 0.0
    return _generic_worth([*shared, *slips], frequencies) + lost * len(ours + theirs)


def _worth(found: Sequence[str], frequencies: Frequencies) -> float:
    return sum([_KEPT + frequencies.bits(word, generic=False, han=is_han(word)) for word in found])


def _generic_worth(found: Sequence[str], frequencies: Frequencies) -> float:
    return sum([_KEPT_GENERIC + frequencies.bits(word, generic=True, han=False) for word in found])


def _slip_bits(word: str, frequencies: Frequencies) -> float:
    return frequencies.bits(word, generic=False, han=is_han(word)) - _SLIP_BITS


def _lost_bits(word: str, *, replaced: bool) -> float:
    short = len(word) <= _SHORT_WORD and not is_han(word)
    return _LOST_SHORT if short and not replaced else _LOST


def _aligned(left: Sequence[str], right: Sequence[str]) -> tuple[list[str], list[str], tuple[list[str], list[str]]]:
    """Words that both have, words that both have with a slip, and words that only the one or the other has."""
    rest, others = list(left), list(right)
    shared = []
    for word in left:
        if word in others:
            shared.append(word)
            rest.remove(word)
            others.remove(word)
    slips = []
    for word in tuple(rest):
        like = _first_like(word, others)
        if like is not None:
            slips.append(min(word, like, key=lambda one: (len(one), one)))
            rest.remove(word)
            others.remove(like)
    return shared, slips, (rest, others)


def _first_like(word: str, others: Sequence[str]) -> str | None:
    for other in others:
        if _like(word, other):
            return other
    return None


def _like(word: str, other: str) -> bool:
    """Whether two words are a slip apart, or one is the other cut short (``tech``, ``technologies``)."""
    shorter, longer = (word, other) if len(word) <= len(other) else (other, word)
    return close(word, other) or (len(shorter) > _SHORT_WORD and longer.startswith(shorter))


def compare_namings(left: OrganisationName, right: OrganisationName) -> list[Finding]:
    """The parts of the names beside their words: legal form, division, branch, numbers."""
    found = []
    if left.form and right.form:
        found += _of_forms(left.form, right.form)
    if left.region and right.region:
        found.append(Finding("name_region", Level.SAME if left.region == right.region else Level.DIFFERENT))
    if left.branch or right.branch:
        found.append(Finding("branch", Level.SAME if left.branch == right.branch else Level.CONTRARY))
    if left.numerals or right.numerals:
        found.append(Finding("numerals", _of_numerals(left.numerals, right.numerals)))
    return found


def _of_forms(left: str, right: str) -> list[Finding]:
    """Nothing where one of two forms says no more than that it is a company (``Co.``)."""
    if left == right:
        return [Finding("legal_form", Level.SAME)]
    one, other = form_type(left), form_type(right)
    return [Finding("legal_form", Level.SAME if one == other else Level.DIFFERENT)] if one and other else []


def _of_numerals(left: frozenset[str], right: frozenset[str]) -> Level:
    if left == right:
        return Level.SAME
    return Level.CONTRARY if left and right else Level.DIFFERENT


def comparable(left: OrganisationName, right: OrganisationName) -> bool:
    """Whether the words of two names can be compared: a Chinese name and its translation cannot."""
    return (left.has_han and right.has_han) or (left.has_other and right.has_other)
