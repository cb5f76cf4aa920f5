"""The tables of the definitions: a row for each field, and one for each resource, with the last of their revisions."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.custom_field.v1 import FieldStatus, FieldType
from crm_platform.db.schema import aggregate_table, new_metadata, one_of, tenant_table


def custom_field_tables(metadata: MetaData) -> tuple[Table, Table]:
    """What companies keep of records beside what everybody does, and the revisions of that."""
    return _fields(metadata), _revisions(metadata)


def _fields(metadata: MetaData) -> Table:
    return aggregate_table(
        "custom_fields",
        metadata,
        Column("resource", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("label", JSONB, nullable=False),
        Column("description", JSONB),
        Column("status", Text, nullable=False),
        *(_flag(name) for name in ("required", "unique", "indexed", "applied")),
        Column("default", JSONB),
        *(Column(name, Text) for name in ("minimum", "maximum", "pattern", "target", "expression", "result", "group")),
        Column("max_length", Integer),
        Column("decimals", Integer),
        Column("choices", JSONB, nullable=False),
        Column("position", Integer, nullable=False, server_default=text("0")),
        Column("slot", Integer, comment="Place in the array of indexed values of its kind."),
        Column("unique_slot", Integer),
        Column("generation", Integer, nullable=False, server_default=text("0")),
        one_of("type", [one.value for one in FieldType]),
        one_of("status", [one.value for one in FieldStatus]),
        UniqueConstraint("tenant_id", "resource", "key"),
    )


def _flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def _revisions(metadata: MetaData) -> Table:
    return tenant_table(
        "custom_field_revisions",
        metadata,
        Column("resource", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        PrimaryKeyConstraint("tenant_id", "resource"),
    )


FIELDS, REVISIONS = custom_field_tables(new_metadata())
"""For statements; each service that has custom fields has the tables in its own metadata."""


def revision_of(resource: str) -> ColumnElement[int]:
    """The last revision of the fields of a resource, as this statement sees it; 0 where nothing was ever defined."""
    found = select(REVISIONS.c.revision).where(REVISIONS.c.resource == literal_column(f"'{resource}'"))
    return func.coalesce(found.scalar_subquery(), literal_column("0"), type_=Integer())
