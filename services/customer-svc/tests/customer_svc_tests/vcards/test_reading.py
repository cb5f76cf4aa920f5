from typing import Any

import pytest

from customer_svc.cards.countries import country_of
from customer_svc.cards.messengers import address_of, messenger_of
from customer_svc.cards.reading import content_of
from customer_svc.cards.writing import wanted_version
from customer_svc.values.refused import Refused


def members(country: str = "CN", **card: Any) -> dict[str, Any]:
    said = content_of({"fn": "王芳", **card}, country).members
    assert said.pop("name") == "王芳"
    return said


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States of America", "US"),
        ("U.S.A.", "US"),
        ("usa", "US"),
        ("Canada", "CA"),
        ("中国", "CN"),
        ("中华人民共和国", "CN"),
        ("P.R. China", "CN"),
        ("Deutschland", "DE"),
        ("香港", "HK"),
        ("Hong Kong", "HK"),
        ("CN", "CN"),
        ("cn", "CN"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_countries_are_known_by_their_names(name: str, code: str | None) -> None:
    assert country_of(name) == code


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1980-03-22", "1980-03-22"),
        ("19800322", "1980-03-22"),
        ("1980-03-22T00:00:00Z", "1980-03-22"),
        ("--0203", "--02-03"),
        ("--02-03", "--02-03"),
        ("--0229", "--02-29"),
        ("1604-02-29", "--02-29"),
    ],
)
def test_birthdays_of_all_spellings(text: str, day: str) -> None:
    assert members(bday=text) == {"birthday": day}


@pytest.mark.parametrize("text", ["1980", "1980-02-30", "---03", "spring", "1980-13-01"])
def test_a_birthday_that_is_no_day_is_reported(text: str) -> None:
    content = content_of({"fn": "王芳", "bday": text}, "CN")
    assert content.members == {"name": "王芳"}
    assert [(name, code) for name, code, _ in content.remarks] == [("bday", "unknown_day")]


def test_numbers_are_of_the_card_s_country() -> None:
    tel = [{"value": "(212) 555-2368", "types": ["work", "voice"], "pref": True}, {"value": "13800138000"}]
    card: dict[str, Any] = {"fn": "John Doe", "tel": tel, "adr": [{"locality": "New York", "country": "USA"}]}

    content = content_of(card, "CN")

    (phone,) = content.members["phones"]
    assert (phone["number"], phone["label"], phone["primary"]) == ("+12125552368", "work", True)
    assert [(one.number, one.entered) for one in content.unread] == [(None, "13800138000")]
    assert [(name, code) for name, code, _ in content.remarks] == [("tel", "invalid_phone")]
    assert content.remarks[0][2].into("zh") == "“13800138000”不是 US 的有效电话号码，已原样保留"


def test_what_stands_twice_is_taken_once_and_one_is_preferred() -> None:
    tel = [
        {"value": "13800138000", "pref": True},
        {"value": "+86 138 0013 8000", "types": ["cell"]},
        {"value": "13800138001", "pref": True},
    ]
    email = [{"value": "fang@example.com"}, {"value": "FANG@EXAMPLE.com"}, {"value": "none"}]

    content = content_of({"fn": "王芳", "tel": tel, "email": email}, "CN")

    assert [(one["number"], one["primary"]) for one in content.members["phones"]] == [
        ("+8613800138000", True),
        ("+8613800138001", False),
    ]
    assert [one["address"] for one in content.members["emails"]] == ["fang@example.com"]
    assert [(name, code) for name, code, _ in content.remarks] == [("email", "invalid_email")]


def test_a_chinese_name_has_its_sound() -> None:
    sound = {"x-phonetic-last-name": ["Ouyang"], "x-phonetic-first-name": ["Nana"]}
    parts = {"n": {"family": "欧阳", "given": "娜娜"}}

    assert content_of({"fn": "欧阳娜娜", **parts, **sound}, "CN").members == {
        "name": "欧阳娜娜",
        "family_name": "欧阳",
        "given_name": "娜娜",
        "name_latin": "Ouyang Nana",
    }
    assert "name_latin" not in content_of({"fn": "Greg", "x-phonetic-first-name": ["Grregg"]}, "CN").members


def test_a_chinese_address_has_a_district_and_others_have_floors() -> None:
    chinese = {"extended": "浦东新区", "street": "世纪大道 100 号", "locality": "上海市", "code": "200120"}
    other = {"extended": "Suite D2-630", "street": "2875 Laurier", "locality": "Quebec", "country": "Canada"}

    assert members(adr=[chinese, other, chinese])["addresses"] == [
        {
            "country": "CN",
            "city": "上海市",
            "district": "浦东新区",
            "street": "世纪大道 100 号",
            "postal_code": "200120",
            "primary": False,
        },
        {"country": "CA", "city": "Quebec", "street": "Suite D2-630, 2875 Laurier", "primary": False},
    ]


@pytest.mark.parametrize(("kind", "code"), [("org", "not_a_person"), ("group", "not_a_person")])
def test_a_card_is_a_person_s(kind: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        content_of({"fn": "观心科技", "kind": kind}, "CN")
    assert refused.value.code == code


def test_a_card_has_a_name() -> None:
    with pytest.raises(Refused) as refused:
        content_of({"org": ["观心科技"], "fn": " "}, "CN")
    assert refused.value.code == "no_name"
    assert content_of({"n": {"given": "Nana", "family": "Ouyang"}}, "CN").members["name"] == "Nana Ouyang"


def test_accounts_of_all_programs() -> None:
    card: dict[str, Any] = {
        "impp": [{"value": "xmpp:fang@example.com"}, {"value": "aim:fang"}],
        "x-qq": ["10001"],
        "x-icq": ["7"],
    }

    assert members(**card)["messengers"] == [
        {"kind": "xmpp", "account": "fang@example.com", "label": None},
        {"kind": "other", "account": "fang", "label": "aim"},
        {"kind": "qq", "account": "10001", "label": None},
        {"kind": "other", "account": "7", "label": "icq"},
    ]
    for kind, account, label in [("wechat", "a:b", None), ("other", "fang", "aim"), ("line", "x", "工作")]:
        read, same, service = messenger_of(address_of(kind, account, label))
        assert (read, same, service) == (kind, account, label if kind == "other" else None)


@pytest.mark.parametrize(
    ("accept", "version"),
    [
        ("text/vcard", "4.0"),
        ("text/html, text/vcard; version=3.0", "3.0"),
        ('text/vcard;charset=utf-8;version="3.0"', "3.0"),
        ("TEXT/VCARD; VERSION=4.0", "4.0"),
        ("application/json", None),
        ("*/*", None),
        (None, None),
    ],
)
def test_a_card_is_asked_for_by_its_media_type(accept: str | None, version: str | None) -> None:
    assert wanted_version(accept) == version
