"""Table of the roles that tenants define, and how they are shown, filtered and sorted."""

from sqlalchemy import ARRAY, Column, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.identity.v1 import RoleSnapshot
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.store import Aggregate
from gateway.metadata import METADATA
from gateway.roles.domain import NOUN, Role
from gateway.scopes import LEVELS

roles: Table = aggregate_table(
    "roles",
    METADATA,
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("visibility", Text, nullable=False),
    Column("fields", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    one_of("visibility", LEVELS),
    UniqueConstraint("tenant_id", "name"),
)

ROLES = Aggregate(
    name="role",
    plural="roles",
    what=NOUN,
    table=roles,
    state=Role,
    snapshot=RoleSnapshot,
    sort_by={"name": roles.c.name},
    default_sort="name",
)
