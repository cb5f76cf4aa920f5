"""Tables of the agreement with other systems."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid, text

from crm_contracts.customer.v1 import SyncConflictSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, one_of, tenant_table
from crm_platform.sealing import Sealed, sealed_column
from crm_platform.store import Aggregate
from customer_svc.metadata import METADATA
from customer_svc.sync.domain import NOUN, ConflictStatus, SyncConflict

sync_conflicts: Table = aggregate_table(
    "sync_conflicts",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    Column("system", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("status", Text, nullable=False),
    sealed_column(),
    one_of("status", [status.value for status in ConflictStatus]),
    belongs_to("customer_id", "customers"),
    # One open question per field: a further change of the other side updates it.
    Index(
        "uq_sync_conflicts_open",
        "tenant_id",
        "customer_id",
        "system",
        "field",
        unique=True,
        postgresql_where=text("status = 'open'"),
    ),
)

sync_conflicts.info["retired"] = frozenset({"ours", "theirs"})
"""Columns of the version before, from which values are moved into the sealed one."""

sync_revisions: Table = tenant_table(
    "sync_revisions",
    METADATA,
    Column("system", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("revision", Integer, nullable=False, comment="The last change of the other system that was taken in."),
    PrimaryKeyConstraint("tenant_id", "system", "external_id"),
)

SYNC_CONFLICTS = Aggregate(
    name="sync_conflict",
    plural="sync-conflicts",
    what=NOUN,
    table=sync_conflicts,
    state=SyncConflict,
    snapshot=SyncConflictSnapshot,
    sealed=Sealed(members=("ours", "theirs"), subject="customer_id"),
)
