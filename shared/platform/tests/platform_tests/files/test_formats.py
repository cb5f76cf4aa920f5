"""Which kind a file is, its content says."""

import pytest

from crm_platform.files.formats import Format, Options, format_of
from crm_platform.files.problems import MESSAGES, Place, Problem
from crm_platform.files.rows import column_names, flat, letters
from platform_tests.files.support import sheet_xml, values_of, workbook


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (workbook(sheet_xml()), Format.XLSX),
        (b"\xef\xbb\xbfBEGIN:VCARD\r\n", Format.VCARD),
        (b"begin:vcard\n", Format.VCARD),
        (b'\n {"a": 1}', Format.JSON_LINES),
        ('{"名": 1}'.encode("utf-16"), Format.JSON_LINES),
        (b"a,b\n", Format.CSV),
        ("名称\n甲\n".encode("gb18030"), Format.CSV),
    ],
)
def test_kinds(content: bytes, kind: Format) -> None:
    assert format_of(content) is kind


def test_text_is_what_it_is_said_to_be() -> None:
    assert values_of(b"{a,b\n1,2\n", Options(format=Format.CSV)) == [{"{a": "1", "b": "2"}]


def test_letters_of_columns() -> None:
    assert [letters(index) for index in (0, 25, 26, 51, 52, 701, 702, 16_383)] == [
        *("A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD")
    ]


def test_names_of_columns_are_unique_and_never_empty() -> None:
    assert column_names(["B", None, "B", "b  c", "", None]) == ("B", "B (2)", "B (3)", "b c")
    assert column_names([None, ""]) == ()


def test_nested_values_become_flat() -> None:
    assert flat({"a": {"b": [1, 2], "c": [{"d": 1}, [{"e": 2}]]}, "f": None}) == {
        "a.b": [1, 2],
        "a.c.1.d": 1,
        "a.c.2.1.e": 2,
        "f": None,
    }


@pytest.mark.parametrize("code", MESSAGES)
def test_every_message_is_there_in_both_languages(code: str) -> None:
    words = MESSAGES[code]
    names = set(words.en.split("{")[1:])
    assert {one.partition("}")[0] for one in names} == {one.partition("}")[0] for one in words.zh.split("{")[1:]}
    assert not words.zh.isascii()
    params = {one.partition("}")[0]: "值" for one in names}
    problem = Problem(code, Place(row=3, column="电话", cell="B3", sheet="客户"), params).words()
    assert problem.en.startswith("Sheet 客户, cell B3, column 电话: ")
    assert problem.zh.startswith("工作表 客户，单元格 B3，列 电话：")
