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
_SLIP_BITS = log2(_KEEPS / _SLIPS) + log2(3)
"""What a slip is worth less than the word itself: it is rarer, and about three words are one edit from another."""
_LOST = log2((1 - _KEEPS - _SLIPS) / 1)
_LOST_GENERIC = log2((1 - _KEEPS_GENERIC) / 1)
_REPLACED_GENERIC = log2(0.15)
"""Another line of business instead is rarer than none: sister companies are told apart so."""
_LOST_SHORT = log2(1 - 0.7)
"""Initials and short words come and go more easily than names; where the other has something else, they did not."""
_SHORT_WORD = 3


def core_bits(left: OrganisationName, right: OrganisationName, frequencies: Frequencies) -> tuple[Level, float]:
    """How far the distinctive words agree, and what that is worth in bits."""
    if sorted(left.core) == sorted(right.core) or "".join(left.core) == "".join(right.core):
        # Written in one word or in two: what is said least surely counts, whichever side comes first.
        return Level.SAME, min(_worth(name.core, frequencies, generic=False) for name in (left, right))
    shared, slips, (ours, theirs) = _aligned(left.core, right.core)
    only = ours + theirs
    if not shared and not slips and close("".join(left.core), "".join(right.core)):
        slips, only = [min("".join(left.core), "".join(right.core), key=len)], []
    bits = _worth(shared, frequencies, generic=False)
    bits += sum(_slip_bits(word, frequencies) for word in slips)
    bits += sum(_lost_bits(word, replaced=bool(ours and theirs)) for word in only)
    return (Level.CLOSE if shared or slips else Level.DIFFERENT), bits


def generic_bits(left: OrganisationName, right: OrganisationName, frequencies: Frequencies) -> float:
    """What lines of business and fillers are worth."""
    one, other = set(left.generic), set(right.generic)
    lost = _REPLACED_GENERIC if one - other and other - one else _LOST_GENERIC
    return _worth(sorted(one & other), frequencies, generic=True) + lost * len(one ^ other)


def _worth(found: Sequence[str], frequencies: Frequencies, *, generic: bool) -> float:
    kept = log2(_KEEPS_GENERIC if generic else _KEEPS)
    return sum(kept + frequencies.bits(word, generic=generic, han=is_han(word)) for word in found)


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
        like = next((other for other in others if _like(word, other)), None)
        if like is not None:
            slips.append(min(word, like, key=lambda one: (len(one), one)))
            rest.remove(word)
            others.remove(like)
    return shared, slips, (rest, others)


def _like(word: str, other: str) -> bool:
    """Whether two words are a slip apart, or one is the other cut short (``tech``, ``technologies``)."""
    shorter, longer = sorted((word, other), key=len)
    return close(word, other) or (len(shorter) > _SHORT_WORD and longer.startswith(shorter))


def compare_namings(left: OrganisationName, right: OrganisationName) -> list[Finding]:
    """The parts of the names beside their words: legal form, division, branch, numbers."""
    found = []
    if left.form and right.form:
        same = form_type(left.form) == form_type(right.form)
        found.append(Finding("legal_form", Level.SAME if same else Level.DIFFERENT))
    if left.region and right.region:
        found.append(Finding("name_region", Level.SAME if left.region == right.region else Level.DIFFERENT))
    if left.branch or right.branch:
        found.append(Finding("branch", Level.SAME if left.branch == right.branch else Level.CONTRARY))
    if left.numerals or right.numerals:
        found.append(Finding("numerals", _of_numerals(left.numerals, right.numerals)))
    return found


def _of_numerals(left: frozenset[str], right: frozenset[str]) -> Level:
    if left == right:
        return Level.SAME
    return Level.CONTRARY if left and right else Level.DIFFERENT


def comparable(left: OrganisationName, right: OrganisationName) -> bool:
    """Whether the words of two names can be compared: a Chinese name and its translation cannot."""
    if not (left.core and right.core):
        return False
    scripts = [{is_han(word) for word in name.core} for name in (left, right)]
    return bool(scripts[0] & scripts[1])
