"""The table, its fields, and the rows that conditions are tried on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import asyncpg as postgresql_asyncpg
from sqlalchemy.schema import CreateTable

from crm_platform.cel import DEFAULT_LIMITS, CelLimits, Field, compile_filter, field_map
from crm_platform.db import Query

DIALECT = postgresql_asyncpg.dialect()  # type: ignore[no-untyped-call]

T = Table(
    "cel_samples",
    MetaData(),
    Column("key", Text, primary_key=True),
    # Two collations that PostgreSQL refuses to mix, and not those of the database.
    Column("name", Text(collation="pg_unicode_fast")),
    Column("title", Text(collation="C")),
    Column("stage", Text),
    Column("score", SmallInteger),
    Column("points", BigInteger),
    Column("amount", Numeric(20, 4)),
    Column("currency", CHAR(3)),
    Column("rate", Numeric),
    Column("active", Boolean),
    Column("vip", Boolean),
    Column("due", Date),
    Column("seen", DateTime(timezone=True)),
    Column("closed", DateTime(timezone=True)),
    Column("owner", Uuid),
    Column("team", Uuid),
    Column("tags", ARRAY(Text)),
    Column("members", ARRAY(Uuid)),
)

NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)

FIELDS = field_map(
    Field("name", T.c.name, "string"),
    Field("title", T.c.title, "string"),
    Field("stage", T.c.stage, "enum", values=("open", "won", "lost")),
    Field("score", T.c.score, "int"),
    Field("points", T.c.points, "int"),
    Field("revenue.amount", T.c.amount, "decimal"),
    Field("revenue.currency", T.c.currency, "string"),
    Field("rate", T.c.rate, "decimal"),
    Field("active", T.c.active, "bool"),
    Field("vip", T.c.vip, "bool"),
    Field("due", T.c.due, "date"),
    Field("seen", T.c.seen, "timestamp"),
    Field("closed", T.c.closed, "timestamp"),
    Field("owner", T.c.owner, "uuid"),
    Field("team", T.c.team, "uuid"),
    Field("tags", T.c.tags, "string_list"),
    Field("members", T.c.members, "uuid_list"),
    Field("now", literal(NOW, DateTime(timezone=True)), "timestamp"),
)

Row = Mapping[str, Any]

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


def row(key: str, **values: Any) -> Row:
    """A row that is null in all columns but ``values``."""
    return {column.name: None for column in T.columns} | {"key": key} | values


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


ROWS: Sequence[Row] = (
    row(
        "a", name="上海华为技术有限公司", title="经理", stage="open", score=10, points=2**62,
        amount=Decimal("1000.5000"), currency="CNY", rate=Decimal("0.1"), active=True, vip=False, due=date(2024, 2, 29),
        seen=moment("2024-06-30T12:00:00Z"), closed=moment("2024-07-01T00:00:00Z"), owner=ONE, team=ONE,
        tags=["重点", "east", "vip"], members=[ONE, TWO],
    ),
    row(
        "b", name="上海", title="Zoe", stage="won", score=-5, points=-7, amount=Decimal("99999999999999.9999"),
        currency="USD", rate=Decimal("12345678901234567.88"), active=False, vip=True, due=date(2024, 12, 31),
        seen=moment("2024-03-30T12:00:00Z"), closed=moment("2024-03-31T12:00:00Z"), owner=TWO, team=ONE,
        tags=["east"], members=[],
    ),
    row(
        "c", name="Acme 100% Ltd", title="zoe", stage="lost", score=0, points=0, amount=Decimal("0.0000"),
        currency="CNY", rate=Decimal("-2.5"), active=True, vip=True, due=date(1999, 1, 1),
        seen=moment("1999-12-31T23:59:59.999999Z"), closed=moment("2000-01-01T00:00:00Z"), owner=THREE, team=THREE,
        tags=[], members=[THREE],
    ),
    row(
        "d", name="acme_ltd", title="Acme", stage="open", score=7, points=9007199254740993, amount=Decimal("-10.25"),
        currency="EUR", rate=Decimal(3), active=False, vip=False, due=date(2024, 3, 1),
        seen=moment("2024-07-01T12:00:00Z"), closed=None, owner=None, team=TWO,
        tags=["a'b", 'c"d', "\\x", "west"], members=None,
    ),
    row("e"),
    row(
        "f", name="", title="", stage=None, score=3, points=1, amount=Decimal(3), currency=None, rate=Decimal("0.3"),
        active=None, vip=None, due=None, seen=None, closed=moment("2024-07-02T12:00:00Z"), owner=ONE, team=None,
        tags=["", "wes", None], members=[TWO, THREE],
    ),
    row(
        "g", name="O'Neil \"Bob\" \\ 😀é\n", title="O'Neil", stage="won", score=32767, points=-(2**63),
        amount=Decimal("1000.5"), currency="CNY", rate=Decimal("1e-12"), active=None, vip=True, due=date(2024, 7, 1),
        seen=moment("2024-10-26T12:00:00Z"), closed=moment("2024-10-27T12:00:00Z"), owner=TWO, team=TWO,
        tags=["重点客户", "50%"], members=[ONE],
    ),
    row(
        "h", name="上海\U0010ffff", title="上海", stage="lost", score=None, points=2**63 - 1, amount=None,
        currency="JPY", rate=None, active=True, vip=None, due=date(2024, 2, 28), seen=moment("2024-07-01T12:00:01Z"),
        closed=moment("2024-07-01T12:00:00Z"), owner=None, team=None, tags=None, members=[TWO],
    ),
)  # fmt: skip


def values_of(sample: Row) -> dict[str, Any]:
    """The row as a program sees it: money nested, and the present moment."""
    return {**sample, "revenue": {"amount": sample["amount"], "currency": sample["currency"]}, "now": NOW}


async def create_samples(connection: asyncpg.Connection) -> None:
    await connection.execute(str(CreateTable(T).compile(dialect=DIALECT)))


async def insert_rows(connection: asyncpg.Connection, rows: Sequence[Row]) -> None:
    await connection.copy_records_to_table(
        T.name, columns=[column.name for column in T.columns], records=[tuple(sample.values()) for sample in rows]
    )


async def matching(connection: asyncpg.Connection, text: str, limits: CelLimits = DEFAULT_LIMITS) -> str:
    """Keys of the rows in the table that the condition ``text`` is true of."""
    chosen = compile_filter(text, FIELDS, limits)
    query = Query(select(T.c.key).where(chosen.condition()).order_by(T.c.key))
    return "".join(record["key"] for record in await connection.fetch(query.text, *query.bind(chosen.values)))
