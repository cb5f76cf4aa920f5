"""Normal forms of everything but the names of companies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_svc.duplicates.matching.contact import email_address, own_domain, phone_number, web_domain
from customer_svc.duplicates.matching.identifier import checks_itself, identifier
from customer_svc.duplicates.matching.person import PersonName, parse_person, same_given
from customer_svc.duplicates.matching.place import Place, place
from customer_svc.duplicates.matching.text import fold, sound, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＧＵＡＮＸＩ１２３", "guanxi123"),  # noqa: RUF001 - full-width on purpose
        ("臺灣積體電路", "台湾积体电路"),
        ("Łódź Ærø Straße", "lodz aero strasse"),
        ("ÀÉÎÕÜ", "aeiou"),
        ("가나", "가나"),
        ("王\u0301 \uaabe", "王 "),
    ],
)
def test_folds_width_case_accents_and_traditional_characters(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(st.characters(max_codepoint=0x7F) | st.characters(min_codepoint=0x3400, max_codepoint=0xFFEF)))
def test_folds_what_needs_little_as_it_does_beside_what_needs_all(text: str) -> None:
    assert fold(text + " Ｘé") == fold(text) + " xe"


def test_words_join_dotted_letters_and_split_scripts() -> None:
    assert words("J.G. de O'Neill B.V.关系abc") == ("jg", "de", "oneill", "bv", "关系", "abc")


def test_sounds_are_pinyin_without_tones() -> None:
    assert (sound("张炜"), sound("张伟"), sound("吕"), sound("zhang")) == ("zhangwei", "zhangwei", "lv", "zhang")


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("王小明", PersonName("王", ("小明",))),
        ("歐陽鋒", PersonName("欧阳", ("锋",))),
        ("张伟先生", PersonName("张", ("伟",))),
        ("Jane Mary Smith", PersonName("smith", ("jane", "mary"))),
        ("Smith, Jane", PersonName("smith", ("jane",))),
        ("Dr. Jane Smith, PhD", PersonName("smith", ("jane",))),
        ("Madonna", PersonName("madonna", ())),
        ("", PersonName()),
    ],
)
def test_takes_names_of_people_apart(name: str, parsed: PersonName) -> None:
    assert parse_person(name) == parsed


def test_parts_of_a_name_that_are_given_apart_count_as_given() -> None:
    assert parse_person("", "Jean Paul", "van't Hof") == PersonName("vanthof", ("jean", "paul"))


def test_knows_forms_of_given_names() -> None:
    assert same_given("bill", "william")
    assert not same_given("mary", "william")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 0013 8000", "+8613800138000"),
        ("+86-138-0013-8000", "+8613800138000"),
        ("０１０－８８８８１２３４", "+861088881234"),  # noqa: RUF001 - full-width on purpose
        ("021-6888 1234 ext. 5", "+862168881234"),
        ("+49 30 901820", "+4930901820"),
        ("12", "12"),
        ("none", ""),
    ],
)
def test_phone_numbers(text: str, number: str) -> None:
    assert phone_number(text) == number


def test_phone_numbers_without_country_code_are_from_the_country_given() -> None:
    assert phone_number("(02) 9374 4000", "AU") == "+61293744000"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Jane.Smith+crm@Example.COM ", "jane.smith@example.com"),
        ("jane.smith@googlemail.com", "janesmith@gmail.com"),
        ("jane@localhost", ""),
        ("@example.com", ""),
        ("jane", ""),
    ],
)
def test_email_addresses(text: str, address: str) -> None:
    assert email_address(text) == address


def test_domains_tell_companies_unless_they_are_everybodys() -> None:
    assert own_domain("info@guanxi.cn") == "guanxi.cn"
    assert own_domain("guanxi@qq.com") == ""
    assert web_domain("https://www.Guanxi.cn:8443/about") == "guanxi.cn"
    assert web_domain("guanxi") == ""


def test_addresses() -> None:
    assert place(street="Unit 5, 12 High St", locality="St. Leonards", region="NSW", postcode="2065") == Place(
        numbers=("5", "12"), street="unithighstreet", locality="stleonards", region="nsw", postcode="2065"
    )
    assert place(street="世纪大道１００号 35楼", locality="上海市", region="上海") == Place(
        numbers=("100", "35"), street="世纪大", locality="上海", region="上海"
    )


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("91350100M000100Y43", True),  # the example of GB 32100-2015
        ("91350100M000100Y44", False),
        ("11010519491231002X", True),  # the example of GB 11643-1999
        ("110105194912310021", False),
        ("7364009", False),
        ("", False),
    ],
)
def test_numbers_that_check_themselves(number: str, right: bool) -> None:
    assert checks_itself(identifier(number.lower())) is right
