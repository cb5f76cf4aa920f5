"""Table building blocks: tenancy, versions, ownership, money."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CHAR,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.schema import SchemaItem

CURRENT_TENANT = "nullif(current_setting('crm.tenant_id', true), '')::uuid"
"""The tenant of this session or transaction; NULL, and thus no row, where none is set."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> MetaData:
    """The metadata of one service, with the house's constraint names."""
    return MetaData(naming_convention=NAMING)


def tenant_column() -> Column[Any]:
    """The tenant, filled from the session; no statement ever names it."""
    return Column("tenant_id", Uuid, nullable=False, server_default=text(CURRENT_TENANT))


def tenant_table(
    name: str, metadata: MetaData, *items: SchemaItem, across_tenants: bool = False, **options: Any
) -> Table:
    """A table under row-level security.

    Args:
        name: Table name.
        metadata: Metadata of the service.
        items: Further columns, constraints and indexes.
        across_tenants: Let this service's workers see all tenants (mechanism tables only).
        options: Further options of the table.
    """
    info = {"tenant": True, "across_tenants": across_tenants}
    return Table(name, metadata, tenant_column(), *items, info=info, **options)


def aggregate_table(name: str, metadata: MetaData, *items: SchemaItem, owned: bool = False) -> Table:
    """The table of an aggregate: identity, version, authorship, and the owner where it has one."""
    ownership: Sequence[SchemaItem] = (
        (Column("owner_id", Uuid), Column("team_id", Uuid), Index(None, "tenant_id", "owner_id")) if owned else ()
    )
    return tenant_table(
        name,
        metadata,
        Column("id", Uuid, nullable=False),
        Column("version", Integer, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("created_by", Text, nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("updated_by", Text, nullable=False),
        *ownership,
        *items,
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "updated_at", "id"),
    )


def money_columns(name: str, *, nullable: bool = True) -> tuple[Column[Any], Column[Any]]:
    """Columns ``<name>_amount`` and ``<name>_currency`` of one amount of money."""
    return (
        Column(f"{name}_amount", Numeric(20, 4), nullable=nullable),
        Column(f"{name}_currency", CHAR(3), nullable=nullable),
    )


def one_of(column: str, values: Sequence[str]) -> CheckConstraint:
    """A column that holds one of ``values``; the same list as the enumeration in ``domain.py``."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def belongs_to(column: str, table: str) -> ForeignKeyConstraint:
    """A reference to a row of the same tenant in ``table``."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


def row_security(table: Table) -> list[str]:
    """The statements that put ``table`` under row-level security, also for its owner."""
    condition = f"tenant_id = (SELECT {CURRENT_TENANT})"
    if table.info.get("across_tenants"):
        condition += " OR (SELECT current_setting('crm.system', true)) = 'on'"
    return [
        f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table.name} USING ({condition}) WITH CHECK ({condition})",
    ]
