"""What is sealed to somebody opens for nobody else, nowhere else, and not if it was changed."""

from collections.abc import Callable

import pytest

from crm_contracts.sealing import BrokenSeal, place
from crm_platform.privacy.gathering import PAGE_BYTES, Section, pages
from crm_platform.sealing.boxes import KeyPair, new_key_pair, open_sealed, seal_to
from crm_platform.words import Words

HERE, ELSEWHERE = place("access", 1), place("access", 2)
KEYS, OTHER = new_key_pair(), new_key_pair()


def changed(text: str) -> str:
    return text[:-3] + ("A" if text[-3] != "A" else "B") + text[-2:]


def test_it_opens_where_it_was_sealed() -> None:
    assert open_sealed(KEYS.private, seal_to(KEYS.public, "李雷".encode(), HERE), HERE).decode() == "李雷"


@pytest.mark.parametrize(
    ("keys", "where", "touch"),
    [(OTHER, HERE, str), (KEYS, ELSEWHERE, str), (KEYS, HERE, changed), (KEYS, HERE, lambda _: "AAAA")],
)
def test_it_opens_nowhere_else(keys: KeyPair, where: bytes, touch: Callable[[str], str]) -> None:
    sealed = touch(seal_to(KEYS.public, b"x", HERE))

    with pytest.raises(BrokenSeal):
        open_sealed(keys.private, sealed, where)


def test_nothing_is_sealed_to_what_is_no_key() -> None:
    with pytest.raises(BrokenSeal):
        seal_to("AAAA", b"x", HERE)


def test_pages_are_small_and_lose_nothing() -> None:
    items = [{"n": number, "text": "长" * 1000} for number in range(400)]
    title = Words("x", "x")
    large = Section(record="large", source="large", title=title, items=items)
    made = pages([large, Section(record="none", source="none", title=title, withheld="why"), large])

    assert [page.count(b'"n":') > 0 for page in made] == [True] * len(made)
    assert len(made) == 10
    assert max(map(len, made)) < PAGE_BYTES + 10_000
    assert sum(page.count(b'"n":') for page in made) == 800
    assert pages([]) == [b"[]"]
