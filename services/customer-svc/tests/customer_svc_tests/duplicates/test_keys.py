"""Keys: what has to meet does, and nothing else."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_svc.duplicates.matching.keys import deletions, plain_hash, probe_keys, stored_keys
from customer_svc.duplicates.matching.profile import Entry, Profile, profile

_LATIN = st.text("abcdefghij", min_size=5, max_size=24)


def company(name: str, **fields: object) -> Profile:
    return profile(Entry(name=name, **fields))  # type: ignore[arg-type]


def meets(left: Profile, right: Profile) -> bool:
    return not stored_keys(left).isdisjoint(probe_keys(right))


def edited(text: str, kind: str, at: int, letter: str) -> str:
    at %= len(text)
    if kind == "insert":
        return text[:at] + letter + text[at:]
    if kind == "delete":
        return text[:at] + text[at + 1 :]
    if kind == "swap":
        at = min(at, len(text) - 2)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + letter + text[at + 1 :]


@settings(max_examples=400, deadline=None)
@given(_LATIN, st.sampled_from(["insert", "delete", "swap", "substitute"]), st.integers(0, 99), st.sampled_from("xyz"))
def test_every_single_edit_of_a_name_is_found_both_ways(text: str, kind: str, at: int, letter: str) -> None:
    other = edited(text, kind, at, letter)

    assert meets(company(text), company(other))
    assert meets(company(other), company(text))


@settings(max_examples=100, deadline=None)
@given(st.text("关系信息宏达鼎盛", min_size=5, max_size=16), st.integers(0, 99))
def test_every_other_character_in_a_chinese_name_is_found(text: str, at: int) -> None:
    assert meets(company(text), company(edited(text, "substitute", at, "某")))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("上海关系信息技术有限公司", "關係信息技術（上海）股份有限公司"),
        ("Siemens AG", "siemens aktiengesellschaft"),
        ("Maatschap M.J. Hofstede & de Groot", "Hofstede M.J. & de Groot V.O.F."),
        ("Agilent Technologies Inc", "Agilent Deutschland GmbH"),
        ("腾讯科技有限公司", "腾讯计算机系统有限公司"),
    ],
)
def test_names_of_companies_meet(left: str, right: str) -> None:
    assert meets(company(left), company(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("上海宏达贸易有限公司", "北京鼎盛贸易有限公司"),
        ("Asto Advies B.V.", "Matanga Advies B.V."),
        ("Dutch Holding B.V.", "Kamali Holding B.V."),
    ],
)
def test_fillers_are_no_reason_to_meet(left: str, right: str) -> None:
    assert not meets(company(left), company(right))


_NAMELESS = Entry(is_person=True, name="Jane Smith", country="AU")


@pytest.mark.parametrize(
    "shared",
    [
        {"phones": ("13800138000",)},
        {"emails": ("jane@example.com",)},
        {"identifiers": {"id": "11010519491231002X"}},
        {"birth_date": date(1980, 5, 1)},
        {"street": "12 High St", "postcode": "2065"},
        {"street": "12 High Street", "locality": "Sydney"},
    ],
)
def test_people_meet_by_what_is_theirs(shared: dict[str, object]) -> None:
    left = replace(_NAMELESS, **shared)  # type: ignore[arg-type]
    right = replace(left, name="Wilhelmina Oosterhuis")

    assert meets(profile(left), profile(right))
    assert not meets(profile(_NAMELESS), profile(replace(_NAMELESS, name=right.name)))


def test_people_meet_by_how_their_names_sound() -> None:
    one, homophone, latin, other = (
        profile(replace(_NAMELESS, name=name)) for name in ("张伟", "张炜", "Zhang Wei", "王芳")
    )

    assert meets(one, homophone)
    assert meets(one, latin)
    assert not meets(one, other)


def test_keys_are_made_by_the_hash_that_is_given_and_say_of_which_kind_they_are() -> None:
    asked: list[tuple[str, str]] = []

    def counting(kind: str, text: str) -> UUID:
        asked.append((kind, text))
        return plain_hash(kind, text)

    keys = stored_keys(company("Siemens AG", phones=("030 901820",), country="DE", website="siemens.com"), counting)

    assert keys == {(kind, plain_hash(kind, text)) for kind, text in asked}
    assert len(keys) == len(asked)
    assert {("phone", "+4930901820"), ("domain", "siemens.com"), ("organisation", "siemens")} <= set(asked)
    assert plain_hash("phone", "1") != plain_hash("email", "1")


def test_a_record_has_few_keys() -> None:
    assert len(stored_keys(company("上海关系信息技术有限公司", phones=("021-68881234",)))) == 10
    assert len(stored_keys(company("Kingsway Meridian Property Partners Ltd"))) == 5
    assert len(stored_keys(profile(Entry(name="王小明", is_person=True, phones=("13800138000",))))) == 2


def test_deletions_are_the_text_and_all_texts_one_character_shorter() -> None:
    assert deletions("abca") == {"abca", "bca", "aca", "aba", "abc"}
