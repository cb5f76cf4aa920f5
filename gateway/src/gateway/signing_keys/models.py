"""Table of the signing keys.

It is a mechanism table without row-level security: the keys sign for all tenants, and private halves are
encrypted with a key that the database never sees.
"""

from sqlalchemy import Column, DateTime, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from gateway.metadata import METADATA

signing_keys: Table = Table(
    "signing_keys",
    METADATA,
    Column("kid", Text, primary_key=True),
    Column("public", JSONB, nullable=False, comment="The public half as a JWK."),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("use_from", DateTime(timezone=True), nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="The private half, encrypted."),
)
