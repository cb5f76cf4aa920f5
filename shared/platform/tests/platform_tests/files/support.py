"""Files in memory, read and written through the public surface."""

import io
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import pytest

from crm_platform.files.formats import Options, open_rows
from crm_platform.files.rows import LIMITS, Limits, Row, Value
from crm_platform.files.writing import Record, Writer, written

_DATA = Path(__file__).parents[6] / "shared" / "data"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def real_file(name: str) -> Path:
    """A file that nobody here wrote, which lies beside the repository; licences do not let it be a part of it."""
    path = _DATA / name
    if not path.exists():
        pytest.skip(f"the folder of real data beside the repository has no {name}")
    return path


def rows_of(content: bytes, options: Options | None = None, *, limits: Limits = LIMITS) -> list[Row]:
    """All rows of a file."""
    with open_rows(io.BytesIO(content), options, limits=limits) as rows:
        return list(rows.read())


def values_of(content: bytes, options: Options | None = None) -> list[dict[str, Value]]:
    """The values of all rows, none of which has a problem."""
    rows = rows_of(content, options)
    assert [problem for row in rows for problem in row.problems] == []
    return [row.values for row in rows]


def problems_of(content: bytes, options: Options | None = None, *, limits: Limits = LIMITS) -> list[tuple[str, str]]:
    """Code and English text of every problem of the rows."""
    rows = rows_of(content, options, limits=limits)
    return [(problem.code, problem.words().en) for row in rows for problem in row.problems]


async def batches(records: Sequence[Record], size: int = 3) -> AsyncIterator[Sequence[Record]]:
    """The records as a query gives them."""
    taken: Iterator[Record] = iter(records)
    while batch := list(islice(taken, size)):
        yield batch


async def file_of(writer: Writer, records: Sequence[Record]) -> bytes:
    """The whole file."""
    return await written(writer, batches(records))


def workbook(sheet: str | bytes, parts: Mapping[str, str | bytes] | None = None, *, level: int = 1) -> bytes:
    """A workbook with one sheet of that XML; ``parts`` replace or add to its parts."""
    every: dict[str, str | bytes] = {
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="客户" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")
        ),
        "xl/worksheets/sheet1.xml": sheet,
        **(parts or {}),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as package:
        for name, content in every.items():
            package.writestr(name, content)
    return buffer.getvalue()


def sheet_xml(*rows: str) -> str:
    """A sheet of these rows."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def text_cell(place: str, text: str) -> str:
    """A cell that holds its text itself."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _relations(*targets: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}">{listed}</Relationships>'
