from hypothesis import given
from hypothesis import strategies as st

from crm_platform.http.batch import rounds


def test_items_that_share_a_key_go_into_rounds_of_their_own() -> None:
    assert rounds([]) == []
    assert rounds([(), (), ("a",)]) == [[0, 1, 2]]
    assert rounds([("a",), ("b",), ("a", "b"), ("b",), ("c",)]) == [[0, 1, 4], [2], [3]]


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=3), max_size=12))
def test_rounds_hold_every_item_once_and_keep_the_order_of_each_key(keys: list[list[str]]) -> None:
    split = rounds(keys)

    assert sorted(index for indices in split for index in indices) == list(range(len(keys)))
    for indices in split:
        held = [key for index in indices for key in set(keys[index])]
        assert len(held) == len(set(held))
    for key in "abcd":
        assert [i for indices in split for i in indices if key in keys[i]] == [
            i for i in range(len(keys)) if key in keys[i]
        ]
