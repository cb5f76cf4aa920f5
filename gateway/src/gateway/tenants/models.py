"""Table of the tenants.

It is a mechanism table without row-level security: whoever signs in names the tenant by its slug, and only
the row found here tells which tenant the rest of the request may see. It holds nothing but names.
"""

from sqlalchemy import Column, DateTime, Table, Text, UniqueConstraint, Uuid

from gateway.metadata import METADATA

tenants: Table = Table(
    "tenants",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("slug"),
)
