"""What agreement and disagreement of a field are worth.

The model is that of Fellegi and Sunter (A Theory for Record Linkage, JASA 64, 1969): a field at an agreement level
adds log2(m / u) bits, where m is the probability of that level among pairs that are the same, u among all other pairs.
The sum of all fields and of the prior log2(p / (1 - p)) is the logarithm of the odds; the score is that probability.
A field that one side does not have adds nothing. Levels of partial agreement follow Winkler (String Comparator Metrics
and Enhanced Decision Rules, 1990).

No number here was fitted to labelled data. They come from two places:

* m says how carefully people write: 0.9 and more for fields that are entered once and stay, with the share of slips
  (one wrong, missing, extra or swapped character: a twentieth) that studies of key entry give; less for what
  legitimately changes or is there several times over (phones, e-mails, addresses).
* u is the chance of meeting the same value by accident, the sum of squares of its frequencies: 1/(365 x 70) for a day
  of birth; about 1/40 for a Chinese family name (the five most frequent are 30.8 % of all people, Ministry of Public
  Security 2019), 1/1,000 for an English one (Census 2000); by the size of their number space for postcodes and phones.
  A word of a name has its frequency in the base where that is known (``Frequencies``), and otherwise 2^-2.6 per letter,
  Shannon's estimate for words of printed English (Prediction and Entropy of Printed English, 1951), down to 2^-20.

:mod:`~.estimation` finds m and the prior from a base without labels, for the scan of a whole base.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import log2
from types import MappingProxyType


class Level(StrEnum):
    """How far two values agree."""

    SAME = "same"
    FORM = "form"
    """Forms of one name: a nickname, an initial, the two names swapped, a mailbox of the same domain."""
    CLOSE = "close"
    """One slip of the pen apart, or nearly the same text."""
    DIFFERENT = "different"
    CONTRARY = "contrary"
    """Cannot be the same: two valid numbers of one register, a branch and its parent."""


@dataclass(frozen=True, slots=True)
class Chances:
    """Of one level: how often it is met among pairs that are the same (m), and among others (u)."""

    m: float
    u: float
    bits: float = field(init=False, compare=False)
    """What the level is worth; worked out once, as millions of pairs ask for it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bits", log2(self.m / self.u))


Weights = Mapping[str, Mapping[Level, Chances]]


def _levels(same: tuple[float, float], **others: tuple[float, float]) -> Mapping[Level, Chances]:
    """The levels of a field; what is left of 1 is the chance to differ."""
    given = {Level.SAME: Chances(*same)} | {Level(name): Chances(*chances) for name, chances in others.items()}
    m, u = (1 - sum(getattr(chances, side) for chances in given.values()) for side in ("m", "u"))
    return MappingProxyType({Level.DIFFERENT: Chances(m, u), **given})


_CONTRARY = (0.000_001, 0.5)

WEIGHTS: Weights = MappingProxyType(
    {
        "given_name": _levels((0.80, 1 / 150), form=(0.08, 1 / 60), close=(0.07, 1 / 100)),
        "given_name_han": _levels((0.92, 1 / 1_500), form=(0.01, 1 / 1_500), close=(0.04, 1 / 400)),
        "family_name": _levels((0.90, 1 / 1_000), close=(0.05, 1 / 400)),
        "family_name_han": _levels((0.96, 1 / 40), close=(0.02, 1 / 60)),
        "birth_date": _levels((0.90, 1 / 25_500), close=(0.06, 1 / 800)),
        "identifier": _levels((0.90, 1e-8), close=(0.06, 1e-5), contrary=_CONTRARY),
        "email": _levels((0.60, 1e-7), form=(0.20, 1e-5), close=(0.04, 1e-6)),
        "phone": _levels((0.60, 1e-6), close=(0.05, 1e-4)),
        "domain": _levels((0.80, 1e-5)),
        "street": _levels((0.72, 1 / 2_000), close=(0.13, 1 / 1_000)),
        "number": _levels((0.80, 1 / 60), close=(0.08, 1 / 15)),
        "locality": _levels((0.80, 1 / 200), close=(0.08, 1 / 200)),
        "region": _levels((0.92, 1 / 8)),
        "postcode": _levels((0.82, 1 / 1_000), close=(0.09, 1 / 100)),
        "legal_form": _levels((0.85, 1 / 3)),
        "name_region": _levels((0.94, 1 / 20)),
        "branch": _levels((0.97, 1 / 20), contrary=_CONTRARY),
        "numerals": _levels((0.95, 1 / 20), contrary=_CONTRARY),
    }
)
"""By field; see the module for where they come from."""

_BITS_PER_LETTER, _BITS_PER_HAN, _MOST_WORD_BITS, _GENERIC_BITS = 2.6, 7.0, 20.0, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies:
    """How often words occur in the names of a base: 0 to 1; words that are not in it are rarer than any that is."""

    words: Mapping[str, float] = field(default_factory=dict)

    def bits(self, word: str, *, generic: bool, han: bool) -> float:
        """How much it says that two names share this word."""
        known = self.words.get(word)
        if known is not None:
            return min(-log2(known), _MOST_WORD_BITS)
        if generic:
            return _GENERIC_BITS
        return min((_BITS_PER_HAN if han else _BITS_PER_LETTER) * len(word), _MOST_WORD_BITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """How pairs are judged.

    Attributes:
        prior: The chance that a pair of records, taken blindly, is the same; see :func:`prior_of`.
        likely: From this score on, a pair is most likely the same.
        possible: From this score on, a person should look at the pair.
        weights: What each level of each field is worth.
        frequencies: How often words occur in names.
    """

    prior: float = 1e-5
    likely: float = 0.95
    possible: float = 0.5
    weights: Weights = field(default_factory=lambda: WEIGHTS)
    frequencies: Frequencies = field(default_factory=Frequencies)

    def sized(self, records: int) -> "Model":
        """The model for a base of so many records."""
        return replace(self, prior=prior_of(records))


def prior_of(records: int, share: float = 0.1) -> float:
    """The chance that a new record and one of ``records``, taken blindly, are the same.

    Args:
        records: The size of the base; in a large one, more records are alike by accident.
        share: How many of the new records are in the base already.
    """
    return share / max(records, 10)
