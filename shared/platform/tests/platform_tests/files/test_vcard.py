"""Cards of real programs, and of old ones."""

import io

import pytest

from crm_platform.files.formats import open_rows
from crm_platform.files.rows import Mark, flat
from platform_tests.files.support import problems_of, real_file, rows_of, values_of

NAMES = (
    "John_Doe_GMAIL",
    "John_Doe_IPHONE",
    "fullcontact",
    "gmail-single",
    "gmail-single2",
    "rfc2426-example",
    "rfc6350-example",
)


@pytest.mark.parametrize("name", NAMES)
def test_real_cards_are_read_without_a_problem(name: str) -> None:
    cards = values_of(real_file(f"vcards/{name}.vcf").read_bytes())
    assert len(cards) == (2 if name == "rfc2426-example" else 1)
    assert all(card["fn"] for card in cards)


def test_the_card_of_a_telephone() -> None:
    (card,) = values_of(real_file("vcards/John_Doe_IPHONE.vcf").read_bytes())
    assert card["n"] == {
        "family": "Doe",
        "given": "John",
        "additional": "Richter, James",
        "prefix": "Mr.",
        "suffix": "Sr.",
    }
    assert card["tel"] == [
        {"value": "905-555-1234", "types": ["cell", "voice"], "pref": True},
        {"value": "905-666-1234", "types": ["home", "voice"]},
        {"value": "905-777-1234", "types": ["work", "voice"]},
        {"value": "905-888-1234", "types": ["home", "fax"]},
        {"value": "905-999-1234", "types": ["work", "fax"]},
        {"value": "905-111-1234", "types": ["pager"]},
        {"value": "905-222-1234", "label": "AssistantPhone"},
    ]
    assert card["org"] == ["IBM", "Accounting"]
    assert "photo" not in card
    assert flat(card)["adr.1.code"] == "12345"


def test_the_card_of_the_standard() -> None:
    (card,) = values_of(real_file("vcards/rfc6350-example.vcf").read_bytes())
    assert card["tel"] == [
        {"value": "+1-418-656-9254", "extension": "102", "types": ["work", "voice"], "pref": True},
        {"value": "+1-418-262-6501", "types": ["work", "cell", "voice", "video", "text"]},
    ]
    assert card["adr"] == [
        {
            "extended": "Suite D2-630",
            "street": "2875 Laurier",
            "locality": "Quebec",
            "region": "QC",
            "code": "G1V 2M2",
            "country": "Canada",
            "types": ["work"],
        }
    ]


def test_version_2_1_with_quoted_printable_and_charsets() -> None:
    lines = [
        "BEGIN:VCARD",
        "VERSION:2.1",
        f"N;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:{_quoted('张', 'gbk')};{_quoted('三', 'gbk')};;;",
        f"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{_quoted('张', 'utf-8')}=",
        f"{_quoted('三丰', 'utf-8')}",
        "TEL;CELL;PREF:13800138000",
        "TEL;WORK;FAX:021-6666",
        "EMAIL;INTERNET:zhang@example.cn",
        "AGENT:",
        "BEGIN:VCARD",
        "FN:Another person",
        "END:VCARD",
        "NOTE;ENCODING=QUOTED-PRINTABLE:first=0D=0Asecond",
        "END:VCARD",
    ]
    assert values_of("\r\n".join(lines).encode()) == [
        {
            "n": {"family": "张", "given": "三"},
            "fn": "张三丰",
            "tel": [
                {"value": "13800138000", "types": ["cell"], "pref": True},
                {"value": "021-6666", "types": ["work", "fax"]},
            ],
            "email": [{"value": "zhang@example.cn", "types": ["internet"]}],
            "agent": [""],
            "note": "first\r\nsecond",
        }
    ]


def test_what_is_wrong_is_told_with_its_line_and_the_rest_is_read() -> None:
    content = (
        "BEGIN:VCARD\nFN:甲\nno line\nTEL;CHARSET=klingon;ENCODING=QUOTED-PRINTABLE:=31\nEND:VCARD\n"
        "something else\nBEGIN:VCARD\nFN:乙\nBEGIN:VCARD\nFN:丙\n"
    ).encode()
    assert [(row.number, row.line, row.values) for row in rows_of(content)] == [
        (1, 1, {"fn": "甲"}),
        (2, 6, {}),
        (3, 7, {"fn": "乙"}),
        (4, 9, {"fn": "丙"}),
    ]
    assert problems_of(content) == [
        ("malformed_line", "Line 3: `no line` is not a line of a card."),
        ("malformed_line", "Line 4: `TEL;CHARSET=klingon;ENCODING=QUOTED-PRIN` is not a line of a card."),
        ("not_a_card", "Row 2, line 6: `BEGIN:VCARD` is missing."),
        ("unended_card", "Row 3, line 7: The card does not end with `END:VCARD`."),
        ("unended_card", "Row 4, line 9: The card does not end with `END:VCARD`."),
    ]


def test_reading_goes_on_behind_any_card() -> None:
    content = "".join(f"BEGIN:VCARD\r\nFN:客户\r\n {number}\r\nEND:VCARD\r\n" for number in range(50)).encode()
    content += b"BEGIN:VCARD\r\nFN:x\r\nBEGIN:VCARD\r\nFN:y\r\nEND:VCARD\r\n"
    whole = rows_of(content)
    assert len(whole) == 52
    for index, row in enumerate(whole):
        with open_rows(io.BytesIO(content)) as rows:
            assert list(rows.read(Mark.of(row.mark.as_json()))) == whole[index + 1 :]


def test_a_picture_of_any_size_is_passed_over() -> None:
    picture = "PHOTO;ENCODING=b;TYPE=JPEG:" + "\r\n ".join(["QUJD" * 18] * 20_000)
    assert values_of(f"BEGIN:VCARD\r\nFN:甲\r\n{picture}\r\nTEL:1\r\nEND:VCARD\r\n".encode()) == [
        {"fn": "甲", "tel": [{"value": "1"}]}
    ]


def _quoted(text: str, encoding: str) -> str:
    return "".join(f"={byte:02X}" for byte in text.encode(encoding))
