"""Files that were made to do harm are refused, early and in little memory."""

import io
import tracemalloc
import zipfile
from collections import deque
from dataclasses import replace

import pytest

from crm_platform.files.formats import Format, Options, open_rows
from crm_platform.files.problems import UnreadableFile
from crm_platform.files.rows import LIMITS, Limits
from platform_tests.files.support import MAIN, problems_of, rows_of, sheet_xml, text_cell, workbook

pytestmark = pytest.mark.timeout(60)

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    f'<worksheet xmlns="{MAIN}"><sheetData><row><c t="str"><v>&c;</v></c></row></sheetData></worksheet>'
)
OUTSIDE = LAUGHS.replace('<!ENTITY c "', '<!ENTITY c SYSTEM "file:///etc/hostname"><!ENTITY d "')
HEADER = f'<row r="1">{text_cell("A1", "a")}</row>'
SMALL = replace(LIMITS, unpacked_bytes=1 << 20)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (workbook(LAUGHS), "dtd"),
        (workbook(OUTSIDE), "dtd"),
        (workbook(LAUGHS.encode("utf-16")), "dtd"),
        (workbook(" " * (1 << 17) + LAUGHS), "dtd"),
        (workbook(sheet_xml(), {"xl/workbook.xml": LAUGHS}), "dtd"),
        (workbook(sheet_xml(), {"xl/styles.xml": LAUGHS}), "dtd"),
        (workbook(sheet_xml(), {"xl/sharedStrings.xml": LAUGHS}), "dtd"),
        (workbook(sheet_xml(HEADER), {"xl/styles.xml": "<a>" + "x" * (17 << 20) + "</a>"}), "bomb"),
        (workbook(sheet_xml(HEADER)[:-20]), "damaged"),
        (workbook(sheet_xml(HEADER, '<row r="9999999"><c><v>1</v></c></row>')), "damaged"),
        (workbook(sheet_xml(HEADER, HEADER)), "damaged"),
        (workbook(sheet_xml(HEADER, '<row r="2"><c r="ZZZZZ2"><v>1</v></c></row>')), "damaged"),
        (workbook(sheet_xml(HEADER, '<row r="2"><c r="1"><v>1</v></c></row>')), "damaged"),
        (workbook(sheet_xml(HEADER, '<row r="x"/>')), "damaged"),
        (workbook(sheet_xml(HEADER, f'<row r="2"><c t="str"><v>{"x" * (2 << 20)}</v></c></row>')), "cell_too_long"),
        (workbook(sheet_xml(f"<row>{'<c><v>1</v></c>' * 20_000}</row>")), "damaged"),
        (workbook(sheet_xml(f"<row>{'<c><v>1</v></c>' * 3_000}</row>")), "too_many_columns"),
        (workbook(sheet_xml(HEADER), {f"x{number}": "" for number in range(10_001)}), "too_many_parts"),
        (workbook(sheet_xml(HEADER), {"_rels/.rels": "<x/>"}), "damaged"),
        (workbook(sheet_xml(HEADER), {"xl/_rels/workbook.xml.rels": "<x/>"}), "no_sheet"),
        (b"PK\x03\x04 is no archive", "damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "legacy_workbook"),
        (b"%PDF-1.7", "other_format"),
        (b"\x89PNG\r\n\x1a\n", "other_format"),
        (b"PAR1", "other_format"),
        (b"", "empty"),
    ],
)
def test_it_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        rows_of(content)
    assert refused.value.problem.code == code
    assert refused.value.status == 422
    assert refused.value.detail("zh") == refused.value.problem.words().zh


@pytest.mark.parametrize(
    ("rows", "limits", "code"),
    [
        (f"{HEADER}{' ' * (64 << 20)}", SMALL, "bomb"),
        (HEADER + "<row><c><v>1</v></c></row>" * 100_000, SMALL, "bomb"),
        (HEADER + '<row r="2">' + "<y>" * 200_000, LIMITS, "damaged"),
        (HEADER + "".join(f"<y{number}/>" for number in range(50_000)), LIMITS, "damaged"),
    ],
)
def test_a_bomb_costs_no_memory(rows: str, limits: Limits, code: str) -> None:
    content = workbook(sheet_xml(rows))
    del rows
    assert len(content) < 2 << 20
    tracemalloc.start()
    try:
        found = None
        try:
            with open_rows(io.BytesIO(content), limits=limits) as rows_read:
                deque(rows_read.read(), maxlen=0)
        except UnreadableFile as refused:
            found = refused.problem.code
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == code
    assert peak < 16 << 20


def test_a_sheet_that_pretends_to_be_huge_costs_nothing() -> None:
    sheet = sheet_xml(HEADER, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>').replace(
        "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'
    )
    assert problems_of(workbook(sheet)) == [
        ("too_many_cells", "Sheet 客户, row 1048576: The row has 16384 cells; the header has 1.")
    ]


def test_an_archive_that_lies_about_its_sizes_is_counted() -> None:
    content = bytearray(workbook(sheet_xml(HEADER + " " * (4 << 20))))
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 46 + 24
    content[place : place + 4] = (100).to_bytes(4, "little")
    with pytest.raises(UnreadableFile) as refused:
        rows_of(bytes(content))
    assert refused.value.problem.code in {"damaged", "bomb"}


def test_an_encrypted_part_is_refused() -> None:
    content = bytearray(workbook(sheet_xml(HEADER)))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for part in package.infolist():
            content[part.header_offset + 6] |= 1
    while (place := content.find(b"PK\x01\x02")) >= 0:
        content[place : place + 4], content[place + 8] = b"PK\x01\x03", content[place + 8] | 1
    content = bytearray(bytes(content).replace(b"PK\x01\x03", b"PK\x01\x02"))
    with pytest.raises(UnreadableFile, match="damaged"):
        rows_of(bytes(content))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"a": ' * 20 + "1" + "}" * 20, "too_deep"),
        ("[" * 100_000, "too_deep"),
        ('{"a": ' + "[" * 50_000 + "]" * 50_000 + "}", "too_deep"),
        ('{"a": NaN}', "not_json"),
        ('{"a": 1', "not_json"),
        ("[1]", "not_an_object"),
        ('"x"', "not_an_object"),
    ],
)
def test_hostile_lines_of_json(line: str, code: str) -> None:
    content = f'{{"a": 1}}\n{line}\n{{"a": 2}}\n'.encode()
    assert [found for found, _ in problems_of(content)] == [code]
    assert [row.values for row in rows_of(content)] == [{"a": 1}, {}, {"a": 2}]


def test_the_wrong_kind_is_told() -> None:
    with pytest.raises(UnreadableFile, match="The content is csv, not xlsx"):
        rows_of(b"a,b\n1,2\n", Options(format=Format.XLSX))
