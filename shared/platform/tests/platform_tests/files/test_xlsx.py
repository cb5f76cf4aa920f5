"""Workbooks of other programs, and of hands."""

# ruff: noqa: DTZ001 - cells know no zone

import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from crm_platform.files.formats import Options, open_rows
from crm_platform.files.problems import UnreadableFile
from crm_platform.files.rows import Mark, Value
from crm_platform.files.writing import Column
from crm_platform.files.xlsx.styles import Shown, moment, shown
from crm_platform.files.xlsx.writer import XlsxWriter
from platform_tests.files.support import MAIN, file_of, problems_of, rows_of, sheet_xml, text_cell, values_of, workbook


def by_openpyxl(*rows: list[object], **sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "客户"
    for row in rows:
        first.append(row)
    for name, content in sheets.items():
        other = book.create_sheet(name)
        for row in content:
            other.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_values_have_the_type_that_they_have_in_excel() -> None:
    content = by_openpyxl(
        ["名称", "电话", "证件", "金额", "比例", "成立", "时刻", "会议", "启用", "空"],
        [
            "甲公司",
            "+8613800138000",
            "11010519491231002X",
            1200.5,
            0.1 + 0.2,
            date(2024, 3, 5),
            time(12, 30),
            None,
            True,
            None,
        ],
        ["乙公司", 13800138000, "007", -5, 1e10, datetime(2024, 3, 5, 12, 30, 15), None, "x", False, None],
    )
    assert values_of(content) == [
        {
            "名称": "甲公司",
            "电话": "+8613800138000",
            "证件": "11010519491231002X",
            "金额": Decimal("1200.5"),
            "比例": Decimal("0.3"),
            "成立": date(2024, 3, 5),
            "时刻": time(12, 30),
            "会议": None,
            "启用": True,
            "空": None,
        },
        {
            "名称": "乙公司",
            "电话": 13800138000,
            "证件": "007",
            "金额": -5,
            "比例": 10_000_000_000,
            "成立": datetime(2024, 3, 5, 12, 30, 15),
            "时刻": None,
            "会议": "x",
            "启用": False,
            "空": None,
        },
    ]
    assert all(type(row.values["电话"]) in {str, int} for row in rows_of(content))


def test_a_number_that_lost_its_last_digits_is_told() -> None:
    content = by_openpyxl(["证件"], [110101199003070015], [999_999_999_999_999])
    ((code, text),) = problems_of(content)
    assert code == "digits_lost"
    assert text.startswith("Sheet 客户, cell A2, column 证件: The number has more than 15 digits")


def test_formulas_give_what_was_computed_and_errors_are_told() -> None:
    sheet = sheet_xml(
        f'<row r="1">{text_cell("A1", "a")}{text_cell("B1", "b")}{text_cell("C1", "c")}</row>',
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>"x"&amp;"y"</f><v>xy</v></c>'
        '<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>',
        '<row r="3"><c r="A3"><f>1+1</f></c><c r="B3" t="b"><v>1</v></c><c r="C3"><v>x</v></c></row>',
    )
    assert [row.values for row in rows_of(workbook(sheet))] == [
        {"a": 2, "b": "xy", "c": None},
        {"a": None, "b": True, "c": None},
    ]
    assert problems_of(workbook(sheet)) == [
        ("error_value", "Sheet 客户, cell C2, column c: The cell holds the error #DIV/0!."),
        ("bad_cell", "Sheet 客户, cell C3, column c: The cell's value `x` does not fit its type."),
    ]


def test_shared_strings_are_read_with_formatting_and_without_readings() -> None:
    strings = (
        f'<sst xmlns="{MAIN}"><si><t>名称</t></si><si><r><t>东</t></r><r><rPr/><t xml:space="preserve">京 </t></r>'
        "<rPh><t>トウキョウ</t></rPh></si><si><t>a_x000D_b_x005F_x0041_</t></si><si/></sst>"
    )
    rows = "".join(f'<row><c t="s"><v>{index}</v></c></row>' for index in (0, 1, 2, 3, 9))
    content = workbook(sheet_xml(rows), {"xl/sharedStrings.xml": strings})
    assert [(row.number, row.values["名称"]) for row in rows_of(content)] == [
        (2, "东京 "),
        (3, "a\rb_x0041_"),
        (4, None),
        (5, None),
    ]
    assert [code for code, _ in problems_of(content)] == ["bad_cell"]


def test_strict_workbooks_and_prefixes_are_read_alike() -> None:
    sheet = (
        '<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData><x:row r="1">'
        '<x:c r="B1" t="inlineStr"><x:is><x:t>b</x:t></x:is></x:c></x:row><x:row r="3"><x:c r="B3"><x:v>7</x:v></x:c>'
        "</x:row></x:sheetData></x:worksheet>"
    )
    assert [(row.number, row.values) for row in rows_of(workbook(sheet))] == [(3, {"A": None, "b": 7})]


def test_a_sheet_can_be_chosen() -> None:
    content = by_openpyxl(["a"], [1], 联系人=[["姓名"], ["张三"]])
    with open_rows(io.BytesIO(content), Options(sheet="联系人")) as rows:
        assert [row.values for row in rows.read()] == [{"姓名": "张三"}]
        assert rows.details == {"sheets": ("客户", "联系人"), "sheet": "联系人"}
    with pytest.raises(UnreadableFile, match=r"There is no sheet `x`; there are: 客户, 联系人\."):
        rows_of(content, Options(sheet="x"))


def test_the_first_sheet_with_cells_is_read() -> None:
    assert values_of(by_openpyxl(数据=[["a"], [1]])) == [{"a": 1}]
    with pytest.raises(UnreadableFile, match="no sheet with cells"):
        rows_of(by_openpyxl())


def test_the_header_may_stand_lower_or_be_absent() -> None:
    content = by_openpyxl(["客户名单"], [], ["名称", "电话"], ["甲", "1"])
    assert [(row.number, row.values) for row in rows_of(content, Options(header_row=3))] == [
        (4, {"名称": "甲", "电话": "1"})
    ]
    assert values_of(content, Options(header_row=None))[-1] == {"A": "甲", "B": "1"}
    with pytest.raises(UnreadableFile, match="Row 2 has no column names"):
        rows_of(content, Options(header_row=2))


def test_cells_beyond_the_header_are_told() -> None:
    content = by_openpyxl(["a"], [1, None, "x"])
    assert problems_of(content) == [("too_many_cells", "Sheet 客户, row 2: The row has 3 cells; the header has 1.")]


def test_reading_goes_on_behind_any_row() -> None:
    content = by_openpyxl(["a", "b"], *([number, f"客户{number}"] for number in range(500)))
    whole = rows_of(content)
    for index in (0, 250, 498, 499):
        with open_rows(io.BytesIO(content)) as rows:
            assert list(rows.read(Mark.of(whole[index].mark.as_json()))) == whole[index + 1 :]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("General", Shown.NUMBER),
        ("#,##0.00", Shown.NUMBER),
        ('0.00"元"', Shown.NUMBER),
        ('"day" 0', Shown.NUMBER),
        ("[Red]0", Shown.NUMBER),
        ("[$-409]#,##0", Shown.NUMBER),
        ("yyyy-mm-dd", Shown.DATE),
        ('yyyy"年"m"月"d"日"', Shown.DATE),
        ("[$-804]上午/下午h:mm", Shown.DATE),
        ("mmm\\-yy;@", Shown.DATE),
        ("[h]:mm:ss", Shown.DURATION),
        ("[mm]:ss", Shown.DURATION),
    ],
)
def test_format_codes(code: str, meaning: Shown) -> None:
    assert shown(code) is meaning


@pytest.mark.parametrize(
    ("serial", "since_1904", "expected"),
    [
        (1, False, date(1900, 1, 1)),
        (59, False, date(1900, 2, 28)),
        (61, False, date(1900, 3, 1)),
        (45356, False, date(2024, 3, 5)),
        (45356.520833333336, False, datetime(2024, 3, 5, 12, 30)),
        (0.5, False, time(12)),
        (43894, True, date(2024, 3, 5)),
        (2958465, False, date(9999, 12, 31)),
        (2958466, False, None),
        (-1, False, None),
    ],
)
def test_serial_numbers(serial: float, since_1904: bool, expected: object) -> None:
    assert moment(serial, since_1904=since_1904) == expected


def test_durations_are_hours() -> None:
    assert values_of(by_openpyxl(["a"], [timedelta(hours=26, minutes=30)])) == [{"a": "26:30:00"}]


async def test_written_workbooks_are_read_by_others() -> None:
    columns = [
        Column("name", "名称"),
        Column("n"),
        Column("big"),
        Column("day"),
        Column("at"),
        Column("yes"),
        Column("formula"),
    ]
    record: dict[str, Value] = {
        "name": "甲 & <乙>\n\x0b_x0041_",
        "n": Decimal("1.25"),
        "big": 12345678901234567890,
        "day": date(2024, 3, 5),
        "at": datetime(2024, 3, 5, 12, 30),
        "yes": True,
        "formula": "=1+1",
    }
    content = await file_of(XlsxWriter(columns, sheet="客户[1]", sheet_rows=3), [record] * 5)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["客户 1", "客户 1 2", "客户 1 3"]
    assert [sheet.max_row for sheet in book.worksheets] == [3, 3, 2]
    assert [cell.value for cell in book.worksheets[2][1]] == ["名称", "n", "big", "day", "at", "yes", "formula"]
    cells = book.worksheets[2][2]
    assert [cell.value for cell in cells[1:]] == [
        *(1.25, "12345678901234567890", datetime(2024, 3, 5), datetime(2024, 3, 5, 12, 30), True, "=1+1")
    ]
    assert cells[6].data_type == "s"
    rust = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(1).to_python()
    assert rust[1][0] == "甲 & <乙>\n\x0b_x0041_"
    assert rust[1][3:6] == [date(2024, 3, 5), datetime(2024, 3, 5, 12, 30), True]
    assert await file_of(XlsxWriter(columns, sheet="客户[1]", sheet_rows=3), [record] * 5) == content


async def test_long_texts_are_cut_and_counted() -> None:
    writer = XlsxWriter([Column("a")])
    (row,) = rows_of(await file_of(writer, [{"a": "客" * 40_000}]))
    assert writer.cut == 1
    assert row.values == {"a": "客" * 32_766 + "…"}
