"""What was written reads back the same, in every format, whatever the texts are."""

# ruff: noqa: DTZ001 - cells know no zone

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_platform.files.formats import Format, Options
from crm_platform.files.parquet_writer import ParquetWriter
from crm_platform.files.rows import Value
from crm_platform.files.text_writers import CsvWriter, JsonWriter, VcardWriter
from crm_platform.files.vcard.card import ADDRESS_PARTS, NAME_PARTS
from crm_platform.files.writing import Column, Kind, Record
from crm_platform.files.xlsx.writer import XlsxWriter
from platform_tests.files.support import file_of, rows_of

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CHINESE = st.text(
    st.sampled_from("上海观心贸易有限公司（）《》，。、；：“”龘𠮷々〇ＡＢ１　é😀"), min_size=1, max_size=12
)
TRICKY = st.sampled_from(
    [
        "=1+1",
        "'=1",
        "''=x",
        "+86 138",
        "-5",
        "@x",
        "\t=1",
        "\rx",
        "it's",
        "'",
        '"',
        '""',
        "a,b;c",
        "a\r\nb",
        "_x0041_",
        "&lt;",
    ]
)
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
TEXT = CHINESE | TRICKY | ANY
NUMBER = st.integers(-(10**15) + 1, 10**15 - 1) | st.decimals(-(10**9), 10**9, places=4)
DAY = st.dates(date(1900, 3, 1), date(9999, 12, 31))
MOMENT = st.datetimes(datetime(1900, 3, 2), datetime(9000, 1, 1)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)


def records(values: st.SearchStrategy[Value], names: str = "abc") -> st.SearchStrategy[list[dict[str, Value]]]:
    """Rows of which each has something in it."""
    row = st.fixed_dictionaries(dict.fromkeys(names, st.none() | values))
    return st.lists(row.filter(lambda one: any(value is not None for value in one.values())), min_size=1, max_size=8)


def columns(names: str = "abc") -> list[Column]:
    return [Column(name, f"列 {name}") for name in names]


def labelled(rows: list[dict[str, Value]]) -> list[dict[str, Value]]:
    return [{f"列 {name}": value for name, value in row.items()} for row in rows]


@FEW
@given(rows=records(TEXT), bom=st.booleans())
async def test_csv(rows: list[dict[str, Value]], *, bom: bool) -> None:
    content = await file_of(CsvWriter(columns(), bom=bom), rows)
    read = rows_of(content, Options(format=Format.CSV, encoding="utf-8", delimiter=",", quote='"'))
    assert [row.values for row in read] == labelled(rows)


@FEW
@given(text=TEXT)
async def test_no_cell_of_csv_begins_like_a_formula(text: str) -> None:
    content = await file_of(CsvWriter([Column("a")], bom=False), [{"a": text}, {"a": -5}, {"a": Decimal("-1.50")}])
    first, *_, number, fraction, _ = content.decode().removeprefix("a\r\n").split("\r\n")
    assert first.lstrip('"')[:1] not in {"=", "+", "-", "@", "\t", "\r"}
    assert (number, fraction) == ("-5", "-1.50")


@FEW
@given(
    rows=records(TEXT | NUMBER | DAY | MOMENT | st.booleans() | st.times().map(lambda one: one.replace(microsecond=0)))
)
async def test_xlsx(rows: list[dict[str, Value]]) -> None:
    content = await file_of(XlsxWriter(columns()), rows)
    read = [row.values for row in rows_of(content)]
    assert read == [{name: _as_excel_knows_it(value) for name, value in row.items()} for row in labelled(rows)]
    assert [{type(row[name]) is bool for name in row} for row in read] == [
        {type(row[name]) is bool for name in row} for row in rows
    ]


def _as_excel_knows_it(value: Value) -> Value:
    """A moment at midnight is a day; a time of midnight too, and is read as the number that it is."""
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return value


JSON: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers(-(2**63), 2**63 - 1) | st.decimals(-(10**20), 10**20, places=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@FEW
@given(rows=st.lists(st.dictionaries(TEXT, JSON, max_size=4), min_size=1, max_size=6))
async def test_json_lines(rows: list[dict[str, Value]]) -> None:
    read = rows_of(await file_of(JsonWriter(), rows), Options(format=Format.JSON_LINES))
    assert [row.values for row in read] == rows


PART = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\x85"), min_size=1, max_size=20
)
LINE = (CHINESE | PART | st.sampled_from(["a;b,c\\d", "a\nb", "\\n", "x:y", "tel:1"])).map(str.strip).filter(bool)
ITEM = LINE.filter(lambda text: "," not in text and ";" not in text)
ENTRY = st.fixed_dictionaries(
    {"value": ITEM.filter(lambda text: not text.lower().startswith(("tel:", "mailto:")))},
    optional={
        "types": st.lists(st.sampled_from(["home", "work", "cell", "fax"]), min_size=1, max_size=2, unique=True),
        "pref": st.just(True),
        "label": ITEM,
    },
)


def parts(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(names), ITEM, min_size=1)


CARD = st.fixed_dictionaries(
    {"fn": LINE},
    optional={
        "n": parts(NAME_PARTS),
        "org": st.lists(ITEM, min_size=1, max_size=2),
        "categories": st.lists(ITEM, min_size=1, max_size=3),
        "title": LINE,
        "note": LINE,
        "tel": st.lists(ENTRY, min_size=1, max_size=3),
        "email": st.lists(ENTRY, min_size=1, max_size=2),
        "adr": st.lists(parts(ADDRESS_PARTS), min_size=1, max_size=2),
        "x-wechat": st.lists(LINE, min_size=1, max_size=2),
    },
)


@FEW
@given(cards=st.lists(CARD, min_size=1, max_size=3), version=st.sampled_from(["3.0", "4.0"]))
async def test_vcard(cards: list[dict[str, Value]], version: str) -> None:
    content = await file_of(VcardWriter("3.0" if version == "3.0" else "4.0"), cards)
    assert max(map(len, content.split(b"\r\n"))) <= 75
    read = rows_of(content, Options(format=Format.VCARD, encoding="utf-8"))
    assert [row.values for row in read] == cards


@FEW
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "a": st.none() | TEXT,
                "b": st.none() | st.integers(-(2**63), 2**63 - 1),
                "c": st.none() | st.decimals(-(10**20), 10**20, places=9),
                "d": st.none() | st.dates(),
                "e": st.none() | st.datetimes(timezones=st.just(UTC)),
                "f": st.none() | st.booleans(),
            }
        ),
        min_size=1,
        max_size=12,
    )
)
async def test_parquet(rows: list[Record]) -> None:
    kinds = [Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.DATETIME, Kind.BOOLEAN]
    named = [Column(name, "", kind) for name, kind in zip("abcdef", kinds, strict=True)]
    content = await file_of(ParquetWriter(named, row_group=5), rows)
    table = pyarrow.parquet.read_table(io.BytesIO(content))
    assert table.to_pylist() == rows
    assert [str(field.type) for field in table.schema] == [
        *("string", "int64", "decimal128(38, 9)", "date32[day]", "timestamp[us, tz=UTC]", "bool")
    ]


@pytest.mark.parametrize("records_count", [0, 1, 7])
async def test_parquet_of_any_length(records_count: int) -> None:
    content = await file_of(
        ParquetWriter([Column("a")], row_group=3), [{"a": str(one)} for one in range(records_count)]
    )
    table = pyarrow.parquet.read_table(io.BytesIO(content))
    assert table.column("a").to_pylist() == [str(one) for one in range(records_count)]
