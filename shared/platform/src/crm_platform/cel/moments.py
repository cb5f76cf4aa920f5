"""When the answer of an expression may change though no field does: for expressions that read ``now()``.

Time enters a condition through comparisons alone, and both sides of a comparison are sums of moments, lengths of time
and ``now()``. So their difference is a straight line over time, as long as no condition inside ``? :`` changes, and it
crosses zero at one moment at most. Whoever looks again at the earliest crossing of all comparisons misses nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeAlias, get_args

from crm_platform.cel.evaluator import NOW, Evaluator, evaluator, internal
from crm_platform.cel.nodes import Equality, Node, Now, OneOf, Ordering

_NODES = get_args(Node)

Crossing: TypeAlias = Callable[[Mapping[str, Any]], int | None]
"""Takes a row with the present moment; gives the next moment at which a comparison may come out differently."""


def crossings(node: Node) -> list[Crossing]:
    """The crossings of all comparisons in ``node`` that read the present moment."""
    found: list[Crossing] = []
    for part in _within(node):
        if not isinstance(part, Equality | Ordering | OneOf) or not _reads_now(part):
            continue
        if isinstance(part, OneOf):
            found += [_crossing(evaluator(part.subject), _constant(value)) for value in part.values]
        else:
            found.append(_crossing(evaluator(part.left), evaluator(part.right)))
    return found


def _within(node: Node) -> Iterator[Node]:
    yield node
    for field in fields(node):
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, _NODES):
                yield from _within(part)


def _reads_now(node: Node) -> bool:
    return any(isinstance(part, Now) for part in _within(node))


def _constant(value: Any) -> Evaluator:
    constant = internal(value)
    return lambda _row, _items: constant


def _crossing(left: Evaluator, right: Evaluator) -> Crossing:
    def difference(row: Mapping[str, Any], at: int) -> int | None:
        then = {**row, NOW: at}
        first, second = left(then, ()), right(then, ())
        return None if first is None or second is None else first - second

    def crossing(row: Mapping[str, Any]) -> int | None:
        now: int = row[NOW]
        distance, then = difference(row, now), difference(row, now + 1)
        if distance is None or then is None or then == distance:
            return None
        reached = now - distance // (then - distance)
        # `<` and `>=` change when zero is reached, `<=` and `>` when it is left behind, `==` at both.
        return next((moment for moment in (reached, reached + 1) if moment > now), None)

    return crossing
