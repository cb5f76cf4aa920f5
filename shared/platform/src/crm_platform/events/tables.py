"""The tables of the event mechanism, present in every service's schema.

`metadata_tables` adds them to a service's SQLAlchemy metadata, so that one migration helper can create them.
The engine itself speaks plain SQL to asyncpg; the definitions here are the single description of the columns.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_platform.db.schema import CURRENT_TENANT, tenant_column

TENANT_TABLES: Final = ("outbox", "dead_letter")
"""Tables whose rows belong to a tenant: row-level security, readable across tenants only with `crm.system = on`.

Their `info` says so too (`tenant`, `across_tenants`), which is what the migration helper reads.
"""

ENGINE_TABLES: Final = (
    "relay_position",
    "relay_epoch",
    "replay_request",
    "consumer_instance",
    "consumer_position",
    "consumer_gate",
    "consumer_gap",
    "inbox",
)
"""Tables that hold the engine's bookkeeping only (offsets, versions, ids): no tenant data, no row-level security."""

# A queue table turns over completely every few minutes: a share of the table is the wrong measure for vacuuming it.
_QUEUE_STORAGE: Final = {
    "autovacuum_vacuum_scale_factor": "0",
    "autovacuum_vacuum_threshold": "5000",
    "autovacuum_analyze_scale_factor": "0",
    "autovacuum_analyze_threshold": "20000",
}
_TENANT_INFO: Final = {"tenant": True, "across_tenants": True}


def _instant(name: str, *, nullable: bool = False, now: bool = True) -> Column[object]:
    default = text("now()") if now and not nullable else None
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def _outbox(metadata: MetaData) -> Table:
    """Events recorded with the change they tell of; `published_at` is null until the broker has acknowledged."""
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        tenant_column(),
        Column("aggregate_type", Text, nullable=False),
        Column("aggregate_id", Uuid, nullable=False),
        Column("version", Integer, nullable=False),
        Column("snapshot", Boolean, nullable=False, server_default=text("false")),
        Column("type", Text, nullable=False),
        Column("topic", Text, nullable=False),
        _instant("occurred_at"),
        Column("headers", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
        Column("payload", LargeBinary, nullable=False),
        _instant("published_at", nullable=True),
        Column("partition", Integer),
        Column("offset", BigInteger),
        Column("epoch", Integer),
        # A version may exist once as an event and once as a snapshot that an operator asked for.
        UniqueConstraint("aggregate_type", "aggregate_id", "version", "snapshot", name="uq_outbox_version"),
        Index("ix_outbox_pending", "id", postgresql_where=text("published_at IS NULL")),
        Index("ix_outbox_position", "topic", "partition", "offset"),
        postgresql_with=_QUEUE_STORAGE,
        info=_TENANT_INFO,
    )


def _relay(metadata: MetaData) -> list[Table]:
    return [
        Table(
            "relay_position",
            metadata,
            Column("topic", Text, primary_key=True),
            Column("partition", Integer, primary_key=True, autoincrement=False),
            Column("next_offset", BigInteger, nullable=False),
            Column("last_event_id", Uuid, nullable=False),
        ),
        # One row per truncation that was healed: a consumer that slept through several must rewind to the lowest.
        Table(
            "relay_epoch",
            metadata,
            Column("topic", Text, primary_key=True),
            Column("partition", Integer, primary_key=True, autoincrement=False),
            Column("epoch", Integer, primary_key=True, autoincrement=False),
            Column("truncated_at_offset", BigInteger, nullable=False),
            _instant("healed_at"),
        ),
    ]


def _replay_request(metadata: MetaData) -> Table:
    """Work for the relay's leader: events to publish again, or current states to publish as snapshots."""
    return Table(
        "replay_request",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("kind", Text, nullable=False),
        Column("tenant_id", Uuid),
        Column("topic", Text),
        Column("aggregate_type", Text),
        Column("aggregate_id", Uuid),
        Column("from_version", Integer, nullable=False, server_default=text("1")),
        _instant("since", nullable=True),
        _instant("until", nullable=True),
        Column("requested_by", Text, nullable=False),
        Column("status", Text, nullable=False, server_default=text("'pending'")),
        Column("cursor", Text),
        Column("rows", BigInteger, nullable=False, server_default=text("0")),
        Column("error", Text),
        _instant("created_at"),
        _instant("finished_at", nullable=True),
        CheckConstraint("kind IN ('events', 'snapshot')", name="kind"),
        CheckConstraint("status IN ('pending', 'done', 'failed', 'cancelled')", name="status"),
        Index("ix_replay_request_pending", "id", postgresql_where=text("status = 'pending'")),
    )


def _consumer(metadata: MetaData) -> list[Table]:
    return [
        Table(
            "consumer_instance",
            metadata,
            Column("id", Text, primary_key=True),
            _instant("seen"),
        ),
        Table(
            "consumer_position",
            metadata,
            Column("topic", Text, primary_key=True),
            Column("partition", Integer, primary_key=True, autoincrement=False),
            Column("next_offset", BigInteger, nullable=False, server_default=text("0")),
            Column("epoch", Integer, nullable=False, server_default=text("0")),
            Column("last_event_id", Uuid),
            _instant("moved_at"),
            # Both since the position last moved: what is left of processes that ended without a word.
            Column("starts", Integer, nullable=False, server_default=text("0")),
            Column("attempts", Integer, nullable=False, server_default=text("0")),
            postgresql_with={"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0"},
        ),
        Table(
            "consumer_gate",
            metadata,
            Column("aggregate_type", Text, primary_key=True),
            Column("aggregate_id", Uuid, primary_key=True),
            Column("version", Integer, nullable=False, server_default=text("0")),
            Column("parked", Boolean, nullable=False, server_default=text("false")),
            postgresql_with={"fillfactor": "80"},
        ),
        Table(
            "consumer_gap",
            metadata,
            Column("aggregate_type", Text, primary_key=True),
            Column("aggregate_id", Uuid, primary_key=True),
            Column("last_version", Integer, nullable=False),
            Column("seen_version", Integer, nullable=False),
            Column("topic", Text, nullable=False),
            _instant("first_seen_at"),
            _instant("last_seen_at"),
        ),
        Table(
            "inbox",
            metadata,
            Column("event_id", Uuid, primary_key=True),
            _instant("seen_at"),
            Index("ix_inbox_seen_at", "seen_at"),
        ),
    ]


def _dead_letter(metadata: MetaData) -> Table:
    """Records that could not be handled, with the reason; those of a parked aggregate wait here in order."""
    return Table(
        "dead_letter",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        # What makes the record this record, so that a re-read after a rewind does not store it again.
        Column("dedupe_key", Text, nullable=False, unique=True),
        # Null for a record too broken to tell its tenant: only operators of the system see those.
        Column("tenant_id", Uuid, server_default=text(CURRENT_TENANT)),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("event_id", Uuid),
        Column("type", Text),
        Column("aggregate_type", Text),
        Column("aggregate_id", Uuid),
        Column("version", Integer),
        Column("record_key", LargeBinary),
        Column("headers", JSONB, nullable=False),
        Column("payload", LargeBinary),
        Column("kind", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
        Column("status", Text, nullable=False, server_default=text("'pending'")),
        _instant("redrive_requested_at", nullable=True),
        _instant("created_at"),
        _instant("settled_at", nullable=True),
        Column("settled_by", Text),
        CheckConstraint("kind IN ('malformed', 'failed', 'parked')", name="kind"),
        CheckConstraint("status IN ('pending', 'redriven', 'discarded')", name="status"),
        Index(
            "ix_dead_letter_pending",
            "aggregate_type",
            "aggregate_id",
            "version",
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "ix_dead_letter_redrive",
            "redrive_requested_at",
            postgresql_where=text("status = 'pending' AND redrive_requested_at IS NOT NULL"),
        ),
        Index("ix_dead_letter_created_at", "created_at"),
        info=_TENANT_INFO,
    )


def metadata_tables(metadata: MetaData) -> dict[str, Table]:
    """Define the event mechanism's tables in `metadata` and return them by name, in creation order."""
    tables = [
        _outbox(metadata),
        *_relay(metadata),
        _replay_request(metadata),
        *_consumer(metadata),
        _dead_letter(metadata),
    ]
    return {table.name: table for table in tables}
