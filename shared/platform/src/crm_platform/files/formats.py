"""Which kind a file is, by its content, and reading it whatever it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from crm_platform.files.csv_reader import CsvRows
from crm_platform.files.encoding import SAMPLE_BYTES, detected
from crm_platform.files.jsonl_reader import JsonRows
from crm_platform.files.problems import UnreadableFile
from crm_platform.files.rows import LIMITS, Limits, Rows
from crm_platform.files.vcard.reader import VcardRows
from crm_platform.files.xlsx.reader import XlsxRows

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"PAR1": "Parquet",
    b"\x7fELF": "ELF",
    b"SQLite format 3": "SQLite",
}


class Format(StrEnum):
    """The kinds of file that can be read."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON_LINES = "jsonl"
    VCARD = "vcard"


MEDIA_TYPES: dict[str, Format] = {
    "text/csv": Format.CSV,
    "text/tab-separated-values": Format.CSV,
    "text/plain": Format.CSV,
    "application/csv": Format.CSV,
    "application/vnd.ms-excel": Format.CSV,  # what Windows with Excel calls a CSV file
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Format.XLSX,
    "application/jsonl": Format.JSON_LINES,
    "application/x-ndjson": Format.JSON_LINES,
    "application/json-lines": Format.JSON_LINES,
    "text/vcard": Format.VCARD,
    "text/x-vcard": Format.VCARD,
}
"""What uploads call themselves; the content decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a file is to be read; what is not said is found out.

    Attributes:
        format: Kind of the file.
        encoding: Character encoding of a text.
        delimiter: Between the cells of CSV.
        quote: Around the cells of CSV.
        sheet: Name of the sheet of a workbook.
        header_row: Row with the names of the columns, counted from 1; None where there is none.
    """

    format: Format | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    sheet: str | None = None
    header_row: int | None = 1


def format_of(sample: bytes) -> Format:
    """The kind of the file that begins with ``sample``.

    Raises:
        UnreadableFile: It is empty, or of no kind that can be read.
    """
    if not sample:
        raise UnreadableFile("empty")
    if sample.startswith((*_ZIP, _OLE)):
        return Format.XLSX
    for beginning, name in _OTHERS.items():
        if sample.startswith(beginning):
            raise UnreadableFile("other_format", found=name, declared=_known())
    text = _first_text(sample)
    if text.upper().startswith("BEGIN:VCARD"):
        return Format.VCARD
    if text.startswith("{"):
        return Format.JSON_LINES
    if "\0" in text:
        raise UnreadableFile("unknown_format", known=_known())
    return Format.CSV


@contextmanager
def open_rows(source: BinaryIO | Path, options: Options | None = None, *, limits: Limits = LIMITS) -> Iterator[Rows]:
    """The rows of a file.

    Args:
        source: Its path, or the file open for reading bytes, seekable.
        options: How it is to be read.
        limits: What it may ask for.

    Raises:
        UnreadableFile: It cannot be read.
    """
    if isinstance(source, Path):
        with source.open("rb") as opened, open_rows(opened, options, limits=limits) as rows:
            yield rows
        return
    rows = _opened(source, options or Options(), limits)
    try:
        yield rows
    finally:
        if isinstance(rows, XlsxRows):
            rows.close()


def _opened(source: BinaryIO, options: Options, limits: Limits) -> Rows:
    source.seek(0)
    sample = source.read(SAMPLE_BYTES)
    wanted = options.format or format_of(sample)
    # Text is text: whoever says that a file that begins with a brace is CSV may be right.
    if sample and (wanted is Format.XLSX) != sample.startswith((*_ZIP, _OLE)):
        raise UnreadableFile("other_format", found=format_of(sample).value, declared=wanted.value)
    match wanted:
        case Format.XLSX:
            return XlsxRows(source, sheet=options.sheet, header_row=options.header_row, limits=limits)
        case Format.JSON_LINES:
            return JsonRows(source, encoding=options.encoding, limits=limits)
        case Format.VCARD:
            return VcardRows(source, encoding=options.encoding, limits=limits)
        case Format.CSV:
            return CsvRows(
                source,
                encoding=options.encoding,
                delimiter=options.delimiter,
                quote=options.quote,
                header_row=options.header_row,
                limits=limits,
            )


def _first_text(sample: bytes) -> str:
    try:
        encoding = detected(sample, whole=len(sample) < SAMPLE_BYTES)
    except UnreadableFile:
        return sample[:SAMPLE_BYTES].decode("latin-1").lstrip()
    return sample[encoding.mark :].decode(encoding.name, "replace").lstrip()


def _known() -> str:
    return "CSV, XLSX, JSON Lines, vCard"
