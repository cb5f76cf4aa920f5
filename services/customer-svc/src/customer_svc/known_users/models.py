"""Table of the known people."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, Table, Text, Uuid

from crm_platform.projection import Projection, projection_table
from customer_svc.metadata import METADATA

known_users: Table = projection_table(
    "known_users",
    METADATA,
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("email_key", Uuid, comment="Blind key of the e-mail address."),
    Column("email_sealed", LargeBinary, comment="The e-mail address, sealed under the key of the person."),
    Column("team_id", Uuid),
    Column("active", Boolean, nullable=False),
    Index(None, "tenant_id", "name_key"),
    Index(None, "tenant_id", "email_key"),
)

KNOWN_USERS = Projection(known_users)
