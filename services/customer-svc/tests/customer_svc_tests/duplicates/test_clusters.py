"""Groups of duplicates."""

from hypothesis import given, settings
from hypothesis import strategies as st

from customer_svc.duplicates.matching.clusters import Pair, clusters


def test_groups_are_what_hangs_together() -> None:
    pairs = [Pair("a", "b", 0.99), Pair("b", "c", 0.9), Pair("a", "c", 0.8), Pair("x", "y", 0.7), Pair("p", "q", 0.4)]

    assert clusters(pairs) == [{"a", "b", "c"}, {"x", "y"}]


def test_a_chain_breaks_at_its_weakest_link() -> None:
    chain = [Pair("a", "b", 0.99), Pair("b", "c", 0.6), Pair("c", "d", 0.98)]

    assert clusters(chain) == [{"a", "b"}, {"c", "d"}]


def test_a_group_does_not_grow_beyond_its_limit() -> None:
    everybody = [Pair(left, right, 0.99) for right in range(8) for left in range(right)]

    assert sorted(map(len, clusters(everybody, largest=3))) == [2, 3, 3]


_PAIRS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 1)).filter(lambda pair: pair[0] < pair[1]),
    unique_by=lambda pair: pair[:2],
)


@settings(max_examples=200, deadline=None)
@given(_PAIRS, st.randoms())
def test_groups_are_disjoint_and_do_not_depend_on_the_order_of_pairs(
    pairs: list[tuple[int, int, float]], random: object
) -> None:
    known = [Pair(*pair) for pair in pairs]
    found = clusters(known)
    random.shuffle(known)  # type: ignore[attr-defined]

    assert clusters(known) == found
    assert sum(map(len, found)) == len({one for group in found for one in group})
    assert all(len(group) > 1 for group in found)
