"""CSV as it comes out of other programs."""

import csv
import io
from dataclasses import replace

import pytest

from crm_platform.files.formats import Options, open_rows
from crm_platform.files.problems import UnreadableFile
from crm_platform.files.rows import LIMITS, Mark
from crm_platform.files.text import BLOCK
from platform_tests.files.support import problems_of, real_file, rows_of, values_of


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r"])
def test_separator_and_line_break_are_found_out(delimiter: str, line_break: str) -> None:
    lines = [["名称", "电话", "备注"], ["甲公司", "010-1", "a;b"], ["乙公司", "010-2", 'sagt "ja", immer']]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=line_break).writerows(lines)
    assert values_of(buffer.getvalue().encode()) == [
        {"名称": "甲公司", "电话": "010-1", "备注": "a;b"},
        {"名称": "乙公司", "电话": "010-2", "备注": 'sagt "ja", immer'},
    ]


def test_single_quotation_marks_are_found_out() -> None:
    assert values_of(b"a,b\n'1,2','it''s'\n'3',x\n") == [{"a": "1,2", "b": "it's"}, {"a": "3", "b": "x"}]


def test_an_apostrophe_quotes_nothing() -> None:
    content = b"name,city\nVan 't Hart,'s-Gravenhage\n't Hart,I'm here\n"
    assert values_of(content) == [
        {"name": "Van 't Hart", "city": "'s-Gravenhage"},
        {"name": "'t Hart", "city": "I'm here"},
    ]


def test_a_file_may_announce_its_separator() -> None:
    rows = rows_of(b"sep=;\r\na;b\r\n1,5;2\r\n")
    assert [(row.number, row.line, row.values) for row in rows] == [(3, 3, {"a": "1,5", "b": "2"})]


def test_one_column_is_a_table_too() -> None:
    assert values_of("名称\n甲\n乙\n".encode()) == [{"名称": "甲"}, {"名称": "乙"}]


def test_rows_carry_their_place_with_line_breaks_in_cells_and_blank_lines() -> None:
    with open_rows(io.BytesIO('名称,地址\r\n甲,"北京\r\n朝阳区"\r\n\r\n乙,上海\r\n'.encode())) as rows:
        read = list(rows.read())
        places = [rows.place(row, "地址").words() for row in read]
    assert [(row.number, row.line, row.values["地址"]) for row in read] == [(2, 2, "北京\r\n朝阳区"), (4, 5, "上海")]
    assert places[1].en == "row 4, line 5, column 地址"
    assert places[1].zh == "第 4 行，文本第 5 行，列 地址"


def test_columns_have_names_of_their_own() -> None:
    (row,) = rows_of("电话,电话, ,电话 (2),\n1,2,3,4\n".encode())
    assert row.values == {"电话": "1", "电话 (3)": "2", "C": "3", "电话 (2)": "4"}


def test_the_header_may_stand_lower_or_be_absent() -> None:
    content = "客户名单,,\n2024,,\n名称,电话,x\n甲,1,2\n".encode()
    assert values_of(content, Options(header_row=3)) == [{"名称": "甲", "电话": "1", "x": "2"}]
    assert values_of("甲,1\n乙,2\n".encode(), Options(header_row=None)) == [
        {"A": "甲", "B": "1"},
        {"A": "乙", "B": "2"},
    ]


def test_rows_of_another_width_are_told_with_their_line() -> None:
    content = b'a,b,c\n1,2,3\n"x\ny",2\n1,2,3,4\n1,2,3,,\n'
    assert problems_of(content) == [
        ("too_few_cells", "Row 3: The row has 2 cells; the header has 3."),
        ("too_many_cells", "Row 4, line 5: The row has 4 cells; the header has 3."),
    ]
    assert [row.values for row in rows_of(content)][1:3] == [
        {"a": "x\ny", "b": "2", "c": None},
        {"a": "1", "b": "2", "c": "3"},
    ]


def test_a_quotation_mark_that_is_never_closed_is_told() -> None:
    assert problems_of(b'a,b\n1,2\n3,"4\n5,6\n') == [
        ("unclosed_quote", "Row 3: The quotation mark that opens here is never closed.")
    ]
    assert problems_of(b'a,b\n1,5" pipe\n') == []


def test_a_quotation_mark_that_swallows_a_large_file_costs_no_memory() -> None:
    content = b'a,b\n1,2\n3,"4\n' + b"x,y\n" * 100_000
    with pytest.raises(UnreadableFile) as refused:
        rows_of(content, limits=replace(LIMITS, record_bytes=10_000))
    assert refused.value.problem.words().en == (
        "Line 3: The record is larger than 10000 bytes; is a quotation mark not closed?"
    )


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="larger than 1048576 bytes"):
        rows_of(b"a,b\n" + b"x" * (2 << 20))


def test_a_long_cell_is_told_and_the_others_stay() -> None:
    content = b"a,b\n" + b"x" * 200 + b",2\n"
    limits = replace(LIMITS, cell_characters=100)
    (row,) = rows_of(content, limits=limits)
    assert row.values == {"a": None, "b": "2"}
    assert problems_of(content, limits=limits) == [
        ("cell_too_long", "Row 2, column a: The cell has more than 100 characters.")
    ]


def test_too_many_columns_and_no_names_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="more than 2000 columns"):
        rows_of(",".join(map(str, range(2001))).encode())
    with pytest.raises(UnreadableFile, match="Row 1 has no column names"):
        rows_of(b",,\n1,2,3\n")
    with pytest.raises(UnreadableFile, match="no content"):
        rows_of(b"")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"])
def test_reading_goes_on_exactly_behind_any_row(encoding: str) -> None:
    lines = [f'客户{number},"多行\r\n备注 {number} 😀"' for number in range(3 * BLOCK // 80)]
    content = "\r\n".join(["名称,备注", *lines]).encode(encoding)
    whole = rows_of(content)
    assert len(whole) == len(lines)
    for index in (0, 1, len(lines) // 2, len(lines) - 2, len(lines) - 1):
        mark = Mark.of(whole[index].mark.as_json())
        with open_rows(io.BytesIO(content)) as rows:
            assert list(rows.read(mark)) == whole[index + 1 :]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("crm_sales_maven/accounts.csv", 85),
        ("crm_sales_maven/sales_pipeline.csv", 8800),
        ("zh_citizen_requests/labelled_7class_495.csv", 495),
    ],
)
def test_real_files_are_read_as_the_library_reads_them(name: str, count: int) -> None:
    path = real_file(name)
    with open_rows(path) as rows:
        read = list(rows.read())
    with path.open(encoding="utf-8-sig", newline="") as opened:
        expected = [{key: value or None for key, value in row.items()} for row in csv.DictReader(opened)]
    assert len(read) == count
    assert [row.values for row in read] == expected
    assert [row.problems for row in read if row.problems] == []
