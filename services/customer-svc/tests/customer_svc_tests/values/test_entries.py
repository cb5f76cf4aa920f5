from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.customer.v1 import Phone
from customer_svc.values.entries import primary_of
from customer_svc.values.lists import PHONES
from customer_svc.values.refused import AllRefused
from customer_svc.values.schemas import PhoneEntry

NUMBERS = [f"1380013800{digit}" for digit in range(5)]
SINGLE = st.fixed_dictionaries({"phone": st.none() | st.sampled_from(NUMBERS)})
LISTS = st.lists(st.sampled_from(NUMBERS), unique=True).flatmap(
    lambda numbers: st.builds(
        lambda main: {
            "phones": [PhoneEntry(number=number, primary=index == main) for index, number in enumerate(numbers)]
        },
        st.integers(-1, len(numbers) - 1),
    )
)


@given(st.lists(SINGLE | LISTS, max_size=8))
def test_the_list_and_the_member_for_its_primary_entry_always_agree(steps: list[dict[str, Any]]) -> None:
    phones: tuple[Phone, ...] = ()
    for changes in steps:
        after = PHONES.changed(phones, changes, "CN")
        assert PHONES.changed(after["phones"], changes, "CN") == after  # the same change twice is one
        phones = after["phones"]
        main = primary_of(phones)

        assert sum(phone.primary for phone in phones) <= 1
        assert len({phone.number for phone in phones}) == len(phones)
        assert after["phone"] == (main.number if main else None)
        if changes.get("phone"):
            assert after["phone"] == "+86" + changes["phone"]
        if "phone" in changes and changes["phone"] is None:
            assert after["phone"] is None
        if "phones" in changes:
            assert [phone.number for phone in phones] == ["+86" + sent.number for sent in changes["phones"]]


def phones_of(*numbers: str) -> tuple[Phone, ...]:
    entries: tuple[Phone, ...] = PHONES.changed((), {"phones": [PhoneEntry(number=one) for one in numbers]}, "CN")[
        "phones"
    ]
    return entries


def test_a_new_primary_number_takes_the_place_and_the_label_of_the_old_one() -> None:
    first, second = phones_of(*NUMBERS[:2])
    before = (first.model_copy(update={"label": "前台"}), second)

    replaced = PHONES.changed(before, {"phone": NUMBERS[2]}, "CN")["phones"]
    promoted = PHONES.changed(before, {"phone": NUMBERS[1]}, "CN")["phones"]
    removed = PHONES.changed(before, {"phone": None}, "CN")

    assert [(one.number, one.label, one.primary) for one in replaced] == [
        ("+8613800138002", "前台", True),
        ("+8613800138001", None, False),
    ]
    assert [(one.number, one.label, one.primary) for one in promoted] == [
        ("+8613800138000", "前台", False),
        ("+8613800138001", None, True),
    ]
    assert removed == {"phones": (second,), "phone": None}


def test_everything_wrong_with_a_list_is_told_at_once_with_its_place() -> None:
    sent = [
        PhoneEntry(number=NUMBERS[0], primary=True),
        PhoneEntry(number="4711"),
        PhoneEntry(number=f"+86 {NUMBERS[0]}"),
        PhoneEntry(number=NUMBERS[1], primary=True),
    ]

    with pytest.raises(AllRefused) as refused:
        PHONES.changed((), {"phones": sent}, "CN")

    assert [(one.code, one.place) for one in refused.value.refusals] == [
        ("invalid_phone", ("phones", 1, "number")),
        ("duplicate_entry", ("phones", 2)),
        ("several_primary", ("phones",)),
    ]
