"""Tables of operations: the work itself, what became of each record, whose turn it was, and when sweeps are due."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_platform.db.schema import one_of, tenant_table
from crm_platform.operations.lifecycle import OperationStatus, Wish

_EMPTY = text("'{}'::jsonb")
_STORAGE = {"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0", "autovacuum_vacuum_threshold": "1000"}
"""A row is rewritten at every step, mostly within its page."""


def _instant(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True))


def _number(name: str) -> Column[object]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def operations_table(metadata: MetaData) -> Table:
    """One row per operation and per timer.

    ``due_at`` is when a worker has to look at it next: when it may start or be tried again, or, while ``claim`` is
    set, when that claim runs out. It is null where nobody has to.
    """
    return tenant_table(
        "operations",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("version", Integer, nullable=False, server_default=text("1")),
        Column("kind", Text, nullable=False),
        Column("key", Text),
        Column("internal", Boolean, nullable=False, server_default=text("false")),
        Column("cancellable", Boolean, nullable=False, server_default=text("true")),
        Column("status", Text, nullable=False),
        Column("wish", Text),
        Column("input", JSONB, nullable=False),
        Column("caller", JSONB),
        Column("cause", JSONB, nullable=False),
        Column("requested_by", Text, nullable=False),
        Column("correlation_id", Uuid, nullable=False),
        Column("cursor", JSONB),
        _number("done"),
        Column("total", BigInteger),
        Column("unit", Text, nullable=False),
        Column("counters", JSONB, nullable=False, server_default=_EMPTY),
        Column("result", JSONB),
        Column("problem", JSONB),
        Column("claim", Uuid),
        Column("failures", Integer, nullable=False, server_default=text("0")),
        Column("deaths", Integer, nullable=False, server_default=text("0")),
        Column("last_error", Text),
        _instant("due_at"),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        _instant("started_at"),
        _instant("heartbeat_at"),
        _instant("finished_at"),
        one_of("status", tuple(OperationStatus)),
        one_of("wish", tuple(Wish)),
        PrimaryKeyConstraint("id"),
        Index("uq_operations_key", "tenant_id", "kind", "key", unique=True, postgresql_where=text("key IS NOT NULL")),
        Index("ix_operations_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_operations_turn", "tenant_id", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_operations_list", "tenant_id", "created_at", "id", postgresql_where=text("NOT internal")),
        Index(
            "ix_operations_mine", "tenant_id", "requested_by", "created_at", "id", postgresql_where=text("NOT internal")
        ),
        Index("ix_operations_finished", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
        across_tenants=True,
        postgresql_with=_STORAGE,
    )


def results_table(metadata: MetaData) -> Table:
    """What became of single records, where an operation tells."""
    return tenant_table(
        "operation_results",
        metadata,
        Column("operation_id", Uuid, ForeignKey("operations.id", ondelete="CASCADE"), nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("subject_id", Uuid),
        Column("problem", JSONB),
        Column("detail", JSONB),
        PrimaryKeyConstraint("operation_id", "number"),
        across_tenants=True,
    )


def turns_table(metadata: MetaData) -> Table:
    """When each tenant that has operations had its last turn; a worker locks the row while it takes one."""
    return tenant_table(
        "operation_turns",
        metadata,
        Column("served_at", DateTime(timezone=True), nullable=False, server_default=text("to_timestamp(0)")),
        PrimaryKeyConstraint("tenant_id"),
        across_tenants=True,
    )


def sweeps_table(metadata: MetaData) -> Table:
    """When each periodic job is due next."""
    return Table(
        "operation_sweeps",
        metadata,
        Column("kind", Text, primary_key=True),
        Column("next_at", DateTime(timezone=True), nullable=False),
    )
