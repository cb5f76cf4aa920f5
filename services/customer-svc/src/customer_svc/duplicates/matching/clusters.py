"""Groups of records that are about the same company or person, from judged pairs.

Plain connected components chain: A is like B, B is like C, and so on, until a component holds everybody. So pairs are
taken strongest first, and two groups become one only while the pairs between them speak for it on average
(agglomerative clustering with average linkage; Hassanzadeh et al., Framework for Evaluating Clustering Algorithms in
Duplicate Detection, VLDB 2009, compare such guards). Pairs that were not compared count as unlike: they shared no key.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple


class Pair(NamedTuple):
    """Two records by their ids, and the score of the pair."""

    left: Hashable
    right: Hashable
    score: float


def clusters(pairs: Iterable[Pair], *, least: float = 0.5, largest: int = 50) -> list[frozenset[Hashable]]:
    """Groups of two and more, the largest first; a record is in one of them at most.

    Args:
        pairs: Judged pairs, each once.
        least: What the pairs between two groups must score on average for the groups to become one.
        largest: No group grows beyond; a larger one is a mistake of the data, such as a shared default phone.
    """
    known = list(pairs)
    scores = {frozenset(pair[:2]): pair.score for pair in known}
    groups: dict[Hashable, set[Hashable]] = {}
    for pair in sorted(known, key=lambda pair: (-pair.score, repr(pair.left), repr(pair.right))):
        if pair.score < least:
            break
        one = groups.setdefault(pair.left, {pair.left})
        other = groups.setdefault(pair.right, {pair.right})
        if one is other or len(one) + len(other) > largest or _average(one, other, scores) < least:
            continue
        one |= other
        groups.update(dict.fromkeys(other, one))
    found = {frozenset(group) for group in groups.values() if len(group) > 1}
    return sorted(found, key=lambda group: (-len(group), sorted(map(repr, group))))


def _average(one: set[Hashable], other: set[Hashable], scores: Mapping[frozenset[Hashable], float]) -> float:
    total = sum(scores.get(frozenset((left, right)), 0.0) for left in one for right in other)
    return total / (len(one) * len(other))
