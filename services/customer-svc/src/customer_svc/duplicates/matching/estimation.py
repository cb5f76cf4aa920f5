"""What a base says about itself: weights and prior without labels.

Expectation maximisation for the Fellegi-Sunter model under conditional independence (Winkler, Using the EM Algorithm
for Weight Computation in the Fellegi-Sunter Model of Record Linkage, 1988): pairs are a mixture of those that are the
same and those that are not. u comes from pairs taken at random, of which next to none are the same; it stays fixed
while m and the prior are found from candidate pairs. For the scan of a whole base: a new record has no sample of pairs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import log2

from customer_svc.duplicates.matching.comparison import Finding, compare_fields, compare_places
from customer_svc.duplicates.matching.naming import compare_namings
from customer_svc.duplicates.matching.profile import Profile
from customer_svc.duplicates.matching.weights import Chances, Level, Model, Weights

Pattern = frozenset[Finding]
"""How one pair agrees: its findings; a field that one side lacks is not there."""

_ROUNDS, _SETTLED = 50, 1e-5
_PSEUDO = 20.0
"""How many pairs the weights that we start from are worth: a field with few pairs keeps nearly what it had."""


def pattern_of(left: Profile, right: Profile) -> Pattern:
    """How a pair agrees in the fields that have weights of their own, which all have but the words of names."""
    names = [compare_namings(*pair) for pair in zip(left.organisations[:1], right.organisations[:1], strict=False)]
    return frozenset(
        [
            *compare_fields(left, right),
            *compare_places(left.place, right.place),
            *(one for found in names for one in found),
        ]
    )


def estimated(model: Model, patterns: Sequence[Pattern], strangers: Iterable[Pattern] = ()) -> tuple[Model, float]:
    """The model with the weights of a base, and the share of the candidate pairs that are the same.

    Args:
        model: Where to start from; fields that no pair shows keep its weights.
        patterns: The findings of candidate pairs.
        strangers: The findings of pairs taken at random; without them, u stays as it is.
    """
    model = replace(model, weights=_with_u(model.weights, strangers))
    counts, share = Counter(patterns), 0.1
    if not counts:
        return model, 0.0
    for _ in range(_ROUNDS):
        same = {pattern: _probability(pattern, model.weights, share) for pattern in counts}
        before, share = share, sum(same[pattern] * times for pattern, times in counts.items()) / counts.total()
        share = min(max(share, 1e-6), 1 - 1e-6)
        model = replace(model, weights=_with_m(model.weights, counts, same))
        if abs(share - before) < _SETTLED:
            break
    return model, share


def _probability(pattern: Pattern, weights: Weights, share: float) -> float:
    bits = log2(share / (1 - share)) + sum(_chances(weights, finding).bits for finding in pattern)
    return 1 / (1 + 2 ** -max(min(bits, 500.0), -500.0))


def _field(finding: Finding) -> str:
    return finding.field.partition(".")[0]


def _chances(weights: Weights, finding: Finding) -> Chances:
    return weights[_field(finding)][finding.level]


def _with_m(weights: Weights, counts: Counter[Pattern], same: Mapping[Pattern, float]) -> Weights:
    met: Counter[tuple[str, Level]] = Counter()
    for pattern, times in counts.items():
        for finding in pattern:
            met[_field(finding), finding.level] += same[pattern] * times  # type: ignore[assignment] # shares of pairs
    return _smoothed(weights, met, side="m")


def _with_u(weights: Weights, strangers: Iterable[Pattern]) -> Weights:
    return _smoothed(weights, Counter((_field(one), one.level) for pattern in strangers for one in pattern), side="u")


def _smoothed(weights: Weights, met: Mapping[tuple[str, Level], float], *, side: str) -> Weights:
    """The weights with one side as it was met, the old ones counting as a few pairs more."""
    found = {}
    for field, levels in weights.items():
        seen = sum(met.get((field, level), 0.0) for level in levels) + _PSEUDO
        found[field] = {
            level: replace(old, **{side: (met.get((field, level), 0.0) + _PSEUDO * getattr(old, side)) / seen})
            for level, old in levels.items()
        }
    return found
