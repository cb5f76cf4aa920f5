"""Table of the users, and how they are shown, filtered and sorted."""

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Index, Table, Text, UniqueConstraint, Uuid

from crm_contracts.identity.v1 import UserSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from gateway.metadata import METADATA
from gateway.text import email_key, name_key
from gateway.users.domain import NOUN, User

users: Table = aggregate_table(
    "users",
    METADATA,
    Column("email", Text, nullable=False),
    Column("email_norm", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("team_id", Uuid),
    Column("roles", ARRAY(Text), nullable=False),
    Column("language", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("second_factor", Boolean, nullable=False),
    Column("password_changed_at", DateTime(timezone=True)),
    one_of("language", ["zh", "en"]),
    belongs_to("team_id", "teams"),
    UniqueConstraint("tenant_id", "email_norm"),
    Index(None, "tenant_id", "name_key", "id"),
    Index(None, "tenant_id", "team_id"),
)

USERS = Aggregate(
    name="user",
    plural="users",
    what=NOUN,
    table=users,
    state=User,
    snapshot=UserSnapshot,
    sort_by={"name": users.c.name_key, "email": users.c.email_norm},
    derived={
        "email_norm": lambda user: email_key(user.email),
        "name_key": lambda user: name_key(user.name),
    },
    default_sort="name",
)
