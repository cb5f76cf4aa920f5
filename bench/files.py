"""Reading and writing of files beside the bare libraries: `make bench B=files`.

Tables of 12 cells a row, Chinese names among them: a million rows of CSV, JSON Lines and Parquet, a tenth of that of
XLSX, whose bare writer alone would take minutes. Every case runs in a process of its own; figures are rows per second
of CPU, and by how much that process grew beyond what it held with its modules and one batch of rows. The libraries do
less: no places, no encoding, no cleaning of what is dangerous, and calamine holds the whole sheet.
"""

import argparse
import csv
import json
import multiprocessing
import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import orjson
import pyarrow as pa
import pyarrow.parquet
from python_calamine import CalamineWorkbook

from bench.measure import Row, show
from crm_platform.files.formats import open_rows
from crm_platform.files.parquet_writer import ParquetWriter
from crm_platform.files.text_writers import CsvWriter, JsonWriter
from crm_platform.files.writing import Column, Kind, Record, Writer
from crm_platform.files.xlsx.writer import XlsxWriter

ROWS, SHEET_ROWS = 1_000_000, 100_000
_BATCH = 1_000
_MEGABYTE = 1 << 20
_NAMES = (
    "name",
    "phone",
    "email",
    "city",
    "industry",
    "grade",
    "employees",
    "revenue",
    "founded",
    "active",
    "tag",
    "note",
)
_KINDS = {"employees": Kind.INTEGER, "revenue": Kind.DECIMAL, "founded": Kind.DATE, "active": Kind.BOOLEAN}
COLUMNS = [Column(name, "", _KINDS.get(name, Kind.TEXT)) for name in _NAMES]

Work = Callable[[Path, int], None]


def records(batch: int) -> list[Record]:
    """One batch of rows, the same in every run."""
    return [
        {
            "name": f"上海观心{number}贸易有限公司",
            "phone": f"138{number % 100_000_000:08}",
            "email": f"contact{number}@example.cn",
            "city": ("上海", "北京", "深圳", "Hamburg")[number % 4],
            "industry": ("retail", "制造", "IT")[number % 3],
            "grade": "ABCD"[number % 4],
            "employees": number % 5_000,
            "revenue": Decimal(number * 7919 % 10_000_019) / 100,
            "founded": date(1980 + number % 45, 1 + number % 12, 1 + number % 28),
            "active": number % 3 > 0,
            "tag": None if number % 2 else "=vip",
            "note": "多次沟通，客户对报价有兴趣" if number % 5 == 0 else None,
        }
        for number in range(batch * _BATCH, (batch + 1) * _BATCH)
    ]


def write(make: Callable[[], Writer]) -> Work:
    """Write a file with one of ours."""

    def work(path: Path, rows: int) -> None:
        writer, batch = make(), records(0)
        with path.open("wb") as file:
            file.write(writer.begin())
            for _ in range(rows // _BATCH):
                file.write(writer.write(batch))
            file.write(writer.end())
        writer.close()

    return work


def read(path: Path, _: int) -> None:
    """Read a file with ours, whatever it is."""
    with open_rows(path) as rows:
        deque(rows.read(), maxlen=0)


def bare_csv_write(path: Path, rows: int) -> None:
    """The csv module."""
    batch = [list(one.values()) for one in records(0)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for _ in range(rows // _BATCH):
            writer.writerows(batch)


def bare_csv_read(path: Path, _: int) -> None:
    """The csv module."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        deque(csv.DictReader(file), maxlen=0)


def bare_json_write(path: Path, rows: int) -> None:
    """orjson, with decimals as floats."""
    batch = records(0)
    with path.open("wb") as file:
        for _ in range(rows // _BATCH):
            file.writelines(orjson.dumps(one, default=float, option=orjson.OPT_APPEND_NEWLINE) for one in batch)


def bare_json_read(path: Path, _: int) -> None:
    """The json module, with fractions as floats."""
    with path.open("rb") as file:
        deque(map(json.loads, file), maxlen=0)


def bare_xlsx_write(path: Path, rows: int) -> None:
    """The write-only mode of openpyxl."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    batch = [list(one.values()) for one in records(0)]
    for _ in range(rows // _BATCH):
        for row in batch:
            sheet.append(row)
    book.save(path)


def bare_xlsx_read(path: Path, _: int) -> None:
    """calamine, in Rust."""
    deque(CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows(), maxlen=0)


def bare_parquet_write(path: Path, rows: int) -> None:
    """By pyarrow."""
    batch = records(0)
    types = {
        Kind.INTEGER: pa.int64(),
        Kind.DECIMAL: pa.decimal128(38, 9),
        Kind.DATE: pa.date32(),
        Kind.BOOLEAN: pa.bool_(),
    }
    schema = pa.schema([(one.name, types.get(one.kind, pa.string())) for one in COLUMNS])
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for _ in range(rows // (20 * _BATCH)):
            writer.write_table(pa.Table.from_pylist(batch * 20, schema=schema))


OURS: dict[str, Work] = {
    "csv write": write(lambda: CsvWriter(COLUMNS)),
    "csv read": read,
    "jsonl write": write(lambda: JsonWriter(COLUMNS)),
    "jsonl read": read,
    "xlsx write": write(lambda: XlsxWriter(COLUMNS)),
    "xlsx read": read,
    "parquet write": write(lambda: ParquetWriter(COLUMNS)),
}
BARE: dict[str, tuple[str, Work]] = {
    "csv write": ("csv module", bare_csv_write),
    "csv read": ("csv module", bare_csv_read),
    "jsonl write": ("orjson", bare_json_write),
    "jsonl read": ("json module", bare_json_read),
    "xlsx write": ("openpyxl, write-only", bare_xlsx_write),
    "xlsx read": ("calamine", bare_xlsx_read),
    "parquet write": ("pyarrow", bare_parquet_write),
}
LIMITS: dict[str, tuple[float, float]] = {
    "csv write": (0.2, 0.35),
    "csv read": (0.2, 0.35),
    "jsonl write": (0.3, 0.6),
    "jsonl read": (0.3, 0.5),
    "xlsx write": (1.5, 3.0),
    "xlsx read": (0.12, 0.25),
    "parquet write": (0.4, 0.8),
}
"""What share of the library's speed has to be reached, and what should be."""
_MEMORY = (64, 32)
"""MB by which a process may grow, whatever the size of the file."""


def measured(name: str, *, bare: bool, path: Path, rows: int) -> tuple[float, float]:
    """CPU seconds, and MB of growth, of one case; in a process of its own."""
    work = BARE[name][1] if bare else OURS[name]
    records(0)
    grown, began = _peak(), time.process_time()
    work(path, rows)
    return time.process_time() - began, (_peak() - grown)


def rows() -> list[Row]:
    """Measure everything."""
    with TemporaryDirectory(prefix="crm-bench-") as folder:
        return list(_rows(Path(folder)))


def _rows(folder: Path) -> Iterator[Row]:
    growth: dict[str, float] = {}
    for name, (library, _) in BARE.items():
        kind, _, direction = name.partition(" ")
        count = SHEET_ROWS if kind == "xlsx" else ROWS
        path = folder / f"ours.{kind}"
        seconds, growth[name] = _apart(name, bare=False, path=path, rows=count)
        fewer = count if direction == "read" else count // 5
        other = path if direction == "read" else folder / f"bare.{kind}"
        limit, held = _apart(name, bare=True, path=other, rows=fewer)
        ours, theirs = count / seconds, fewer / limit
        must, goal = LIMITS[name]
        figures = f"{ours:,.0f} rows/s, +{growth[name]:.0f} MB; {theirs:,.0f} rows/s, +{held:.0f} MB"
        work = f"{direction} {kind.upper()}, {count:,} × 12 cells"
        yield Row(work=work, beside=library, value=ours / theirs, must=must, goal=goal, at_least=True, figures=figures)
    worst = max(growth, key=lambda name: growth[name])
    yield Row(
        work="growth of memory, any of these files",
        beside="–",
        value=growth[worst],
        must=_MEMORY[0],
        goal=_MEMORY[1],
        unit=" MB",
        figures=f"most in {worst}",
    )


def _apart(name: str, *, bare: bool, path: Path, rows: int) -> tuple[float, float]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measured, name, bare=bare, path=path, rows=rows).result()


def _peak() -> float:
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (_MEGABYTE if sys.platform == "darwin" else 1024)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and show."""
    argparse.ArgumentParser(prog="python -m bench.files", description=__doc__).parse_args(arguments)
    found = rows()
    show(found)
    return 1 if any(row.verdict == "UNDER ITS MUST" for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
