"""Where the values of custom fields are: one JSON object in the record, and what is indexed of it beside.

Operators of jsonb are not leakproof: under row-level security no index on them is used. So the values of indexed fields
also stand in arrays of a side table, one row per record, each element with a b-tree of its own. An element of an array
is read by no operator at all, and the elements are of types whose comparisons are leakproof; those of numeric are not,
but a double keeps a number of 15 digits exactly. Companies without indexed fields have no rows there. See ADR 0030.
"""

from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Date,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from crm_platform.custom_fields.domain import SLOTS, UNIQUE_SLOTS
from crm_platform.db.schema import tenant_table

CUSTOM: Final = "custom"
"""The member of a record, and its column."""
REVISION: Final = "custom_revision"
"""The column that says by which definitions the values were checked and completed."""

ARRAYS: Final = {"text": "texts", "number": "numbers", "date": "dates"}
_TYPES: Final[dict[str, TypeEngine[Any]]] = {"text": Text(collation="C"), "number": Double(), "date": Date()}
LOWEST: Final = {"text": "''", "number": "'-1e30'::float8", "date": "DATE '0001-01-01'"}
"""What stands in the slot of a record without a value: below all values, and none of them."""
LOWEST_VALUES: Final[dict[str, Any]] = {"text": "", "number": -1e30, "date": date.min}


def custom_columns() -> tuple[Column[Any], Column[Any]]:
    """The columns of a table whose records have custom fields."""
    return (
        Column(CUSTOM, JSONB, nullable=False, server_default=text("'{}'::jsonb")),
        Column(REVISION, Integer, nullable=False, server_default=text("0")),
    )


def custom_slots_table(name: str, metadata: MetaData, *, records: str) -> Table:
    """The side table with the indexed values of the records in the table ``records``."""
    table = tenant_table(
        name,
        metadata,
        Column("record_id", Uuid, nullable=False),
        *(Column(array, ARRAY(_TYPES[kind])) for kind, array in ARRAYS.items()),
        Column("keys", ARRAY(Text(collation="C"))),
        PrimaryKeyConstraint("tenant_id", "record_id"),
        ForeignKeyConstraint(["tenant_id", "record_id"], [f"{records}.tenant_id", f"{records}.id"], ondelete="CASCADE"),
    )
    for kind, number in SLOTS.items():
        for place in range(1, number + 1):
            _index(table, f"ix_{name}_{kind}_{place}", f"{ARRAYS[kind]}[{place}]", table.c.record_id)
    for place in range(1, UNIQUE_SLOTS + 1):
        _index(table, unique_name(name, place), f"keys[{place}]", unique=True)
    return table


def custom_choices_table(name: str, metadata: MetaData, *, records: str) -> Table:
    """The side table with a row for each choice in an indexed field of the records in the table ``records``.

    ``@>`` of arrays is not leakproof, and so neither is a GIN index used: each choice is compared as a text.
    """
    return tenant_table(
        name,
        metadata,
        Column("record_id", Uuid, nullable=False),
        Column("choice", Text(collation="C"), nullable=False, comment="Key of the field, =, value."),
        PrimaryKeyConstraint("tenant_id", "choice", "record_id"),
        Index(None, "tenant_id", "record_id"),
        ForeignKeyConstraint(["tenant_id", "record_id"], [f"{records}.tenant_id", f"{records}.id"], ondelete="CASCADE"),
    )


def unique_name(table: str, place: int) -> str:
    """The name of the index that keeps the values of one unique field apart."""
    return f"uq_{table}_{place}"


def _index(table: Table, name: str, element: str, *others: Any, unique: bool = False) -> None:
    Index(
        name,
        table.c.tenant_id,
        text(f"({element})"),
        *others,
        unique=unique,
        postgresql_where=text(f"({element}) IS NOT NULL"),
        _table=table,
    )


def slot(table: Table, kind: str, place: int) -> ColumnElement[Any]:
    """The element of a side table that holds the values of one field."""
    return literal_column(f"{table.name}.{ARRAYS[kind]}[{place}]", _TYPES[kind])


def lowest(kind: str) -> ColumnElement[Any]:
    """What stands in for a missing value of a kind."""
    return literal_column(LOWEST[kind], _TYPES[kind])
