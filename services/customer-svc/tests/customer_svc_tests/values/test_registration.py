import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from crm_contracts.customer.v1 import IdentityDocumentKind, Registration, RegistrationKind
from customer_svc.values.refused import Refused
from customer_svc.values.registration import (
    USCC_ALPHABET,
    foreign_registration,
    parse_document,
    parse_registration,
    parse_uscc,
    recognised_registration,
    resident_check_digit,
    uscc_check_digit,
)
from customer_svc_tests.width import wide

HEADS = st.builds(
    "".join,
    st.tuples(
        st.text(USCC_ALPHABET, min_size=2, max_size=2),
        st.text(string.digits, min_size=6, max_size=6),
        st.text(USCC_ALPHABET, min_size=9, max_size=9),
    ),
)

BIRTHS = st.dates(date(1900, 1, 1), date(2020, 12, 31))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("91110000600037341L", "91110000600037341L"),
        (" 9111 0000 6000 3734 1l ", "91110000600037341L"),
        (wide("91110000600037341L"), "91110000600037341L"),
        ("91330106673959654P", "91330106673959654P"),
    ],
)
def test_codes_of_companies_are_read_in_any_width(text: str, number: str) -> None:
    assert parse_uscc(text) == number
    assert uscc.validate(number) == number


@given(HEADS)
def test_a_code_with_its_check_digit_is_one_as_python_stdnum_sees_it_too(head: str) -> None:
    number = head + uscc_check_digit(head)

    assert parse_uscc(number) == number
    assert uscc.is_valid(number) is head[:2].isdigit()


@given(HEADS, st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_no_single_mistyped_character_of_a_code_passes(head: str, place: int, sign: str) -> None:
    number = head + uscc_check_digit(head)
    wrong = number[:place] + sign + number[place + 1 :]

    if wrong == number:
        assert parse_uscc(wrong) == number
    else:
        with pytest.raises(Refused, match=r"18 characters|check digit"):
            parse_uscc(wrong)


@given(st.integers(110000, 659999), BIRTHS, st.integers(0, 999))
def test_resident_numbers_have_the_check_digit_of_python_stdnum(place: int, birth: date, order: int) -> None:
    head = f"{place}{birth:%Y%m%d}{order:03}"
    number = head + resident_check_digit(head)

    assert ric.calc_check_digit(number) == number[-1]
    assert parse_document(IdentityDocumentKind.RESIDENT_ID, number.lower()) == number
    for other in "0123456789X".replace(number[-1], ""):
        with pytest.raises(Refused):
            parse_document(IdentityDocumentKind.RESIDENT_ID, head + other)


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        (IdentityDocumentKind.RESIDENT_ID, "11010519491231002x", "11010519491231002X"),
        (IdentityDocumentKind.PASSPORT, "e12345678", "E12345678"),
        (IdentityDocumentKind.OTHER, wide("A12345"), "A12345"),
    ],
)
def test_documents_are_kept_in_half_width_capitals(kind: IdentityDocumentKind, text: str, number: str) -> None:
    assert parse_document(kind, text) == number


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (IdentityDocumentKind.RESIDENT_ID, "110105194913310025"),
        (IdentityDocumentKind.RESIDENT_ID, "11010519490230002" + resident_check_digit("11010519490230002")),
        (IdentityDocumentKind.RESIDENT_ID, "110105491231002"),
        (IdentityDocumentKind.PASSPORT, "E-1"),
    ],
)
def test_numbers_of_no_document_are_refused(kind: IdentityDocumentKind, text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_document(kind, text)

    assert refused.value.code == "invalid_identity_document"


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        (RegistrationKind.LEI, "213800kud8lajwsq9d15", "213800KUD8LAJWSQ9D15"),
        (RegistrationKind.VAT, "DE 136 695 976", "DE136695976"),
        (RegistrationKind.DUNS, "15-048-3782", "150483782"),
        (RegistrationKind.OTHER, " HRB　12345 ", "HRB 12345"),
    ],
)
def test_numbers_of_registers_have_a_normal_form(kind: RegistrationKind, text: str, number: str) -> None:
    assert parse_registration(kind, text) == number


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (RegistrationKind.LEI, "213800KUD8LAJWSQ9D16"),
        (RegistrationKind.VAT, "DE136695977"),
        (RegistrationKind.DUNS, "15-048-378"),
        (RegistrationKind.USCC, "91110000600037341M"),
        (RegistrationKind.USCC, "110105600037341"),
    ],
)
def test_numbers_of_no_register_are_refused(kind: RegistrationKind, text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_registration(kind, text)

    assert refused.value.code == "invalid_registration"


def test_a_number_without_a_kind_that_looks_like_a_code_has_to_be_one() -> None:
    code, wrong = "91110000600037341L", "91110000600037341M"

    assert recognised_registration(code.lower()) == Registration(kind=RegistrationKind.USCC, number=code, country="CN")
    assert recognised_registration("HRB 1") == Registration(kind=RegistrationKind.OTHER, number="HRB 1")
    assert foreign_registration(wrong) == Registration(kind=RegistrationKind.OTHER, number=wrong)
    with pytest.raises(Refused):
        recognised_registration(wrong)
