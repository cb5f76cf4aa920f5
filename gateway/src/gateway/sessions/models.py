"""Tables of the sessions and of their refresh tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from crm_platform.db.schema import tenant_table
from crm_platform.reads import Resource, Sort
from gateway.metadata import METADATA
from gateway.sessions.domain import NOUN

sessions: Table = tenant_table(
    "sessions",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_for", Text),
    Column("client", Text, comment="The User-Agent at sign-in, so that people know their own sessions."),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
    Index(None, "tenant_id", "user_id", "created_at"),
    Index(None, "expires_at"),
    Index(None, "used_at"),
    across_tenants=True,
)

refresh_tokens: Table = tenant_table(
    "refresh_tokens",
    METADATA,
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 of the token."),
    Column("session_id", Uuid, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True), comment="When it was exchanged; a second time ends the session."),
    PrimaryKeyConstraint("tenant_id", "hash"),
    UniqueConstraint("tenant_id", "session_id", "hash"),
    ForeignKeyConstraint(["tenant_id", "session_id"], ["sessions.tenant_id", "sessions.id"], ondelete="CASCADE"),
)

SHOWN = ("id", "created_at", "used_at", "expires_at", "client")

SESSIONS = Resource(
    name="sessions",
    what=NOUN,
    table=sessions,
    represent=lambda source: [source.c[name].label(name) for name in SHOWN],
    sorts={"created_at": Sort(sessions.c.created_at, datetime.fromisoformat), "id": Sort(sessions.c.id, UUID)},
)
