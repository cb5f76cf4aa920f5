import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.customer.v1 import Phone, PhoneKind
from customer_svc.values.phones import entered_phone, foreign_phone, parse_number, phone_key, spelled
from customer_svc.values.refused import Refused
from customer_svc_tests.width import wide


@pytest.mark.parametrize(
    ("text", "country", "e164", "extension", "kind"),
    [
        ("138 0013 8000", "CN", "+8613800138000", None, PhoneKind.MOBILE),
        (wide("138-0013-8000"), "CN", "+8613800138000", None, PhoneKind.MOBILE),
        (wide("021-58881234"), "CN", "+862158881234", None, PhoneKind.LANDLINE),
        ("（021）5888 1234", "CN", "+862158881234", None, PhoneKind.LANDLINE),
        ("021-5888 1234 转 801", "CN", "+862158881234", "801", PhoneKind.LANDLINE),
        ("021-58881234分机：801", "CN", "+862158881234", "801", PhoneKind.LANDLINE),
        ("(021)58881234-801", "CN", "+862158881234", "801", PhoneKind.LANDLINE),
        ("+86 21 5888 1234 ext. 12", "US", "+862158881234", "12", PhoneKind.LANDLINE),
        ("0086 138 0013 8000", "CN", "+8613800138000", None, PhoneKind.MOBILE),
        ("400-820-8820", "CN", "+864008208820", None, PhoneKind.SERVICE),
        ("(415) 555-2671", "US", "+14155552671", None, PhoneKind.UNKNOWN),
        ("02 2345 6789", "TW", "+886223456789", None, PhoneKind.LANDLINE),
    ],
)
def test_numbers_are_read_as_people_type_them(
    text: str, country: str, e164: str, extension: str | None, kind: PhoneKind
) -> None:
    number = parse_number(text, country)

    assert (number.e164, number.extension, number.kind) == (e164, extension, kind)
    assert entered_phone(text, country).entered == text


@pytest.mark.parametrize(
    "text", ["", "4711", "110", "58881234", "13800138000 / 13900139000", "1380013800", "总机", "+999 1", "+"]
)
def test_what_cannot_be_dialled_is_refused_by_people_and_kept_from_systems(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_number(text)

    assert (refused.value.code, refused.value.place) == ("invalid_phone", ())
    assert "CN" in refused.value.words.en
    assert foreign_phone(text) == Phone(number=None, entered=text, kind=PhoneKind.UNKNOWN)


EXAMPLES = [
    (region, phonenumbers.example_number_for_type(region, kind))
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
]
FORMATS = [
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
    phonenumbers.PhoneNumberFormat.NATIONAL,
]


@given(st.sampled_from([one for one in EXAMPLES if one[1] is not None]), st.sampled_from(FORMATS))
def test_every_country_s_example_is_the_same_number_in_every_format(
    example: tuple[str, phonenumbers.PhoneNumber], form: int
) -> None:
    region, number = example

    read = parse_number(phonenumbers.format_number(number, form), region)

    assert read.e164 == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.integers(min_value=0, max_value=10**8 - 1), st.none() | st.integers(min_value=1, max_value=9999))
def test_what_is_shown_can_be_sent_again(line: int, extension: int | None) -> None:
    text = f"138{line:08}" + (f" 转 {extension}" if extension else "")
    phone = entered_phone(text)

    again = entered_phone(spelled(phone), "US")

    assert phone_key(again) == phone_key(phone)
    assert (again.number, again.extension, again.kind) == (phone.number, phone.extension, phone.kind)
