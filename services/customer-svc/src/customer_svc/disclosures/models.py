"""Tables of the files in which customers went out."""

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, PrimaryKeyConstraint, Table, Text, Uuid

from crm_platform.db.schema import tenant_table
from customer_svc.metadata import METADATA

disclosed_files: Table = tenant_table(
    "disclosed_files",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("columns", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
"""Files of customers that somebody was given, and what of each stood in them."""

disclosed_pages: Table = tenant_table(
    "disclosed_pages",
    METADATA,
    Column("file_id", Uuid, nullable=False),
    Column("first_id", Uuid, nullable=False),
    Column("last_id", Uuid, nullable=False),
    Column("marks", ARRAY(BigInteger), nullable=False, comment="The last 64 bits of the id of each customer."),
    PrimaryKeyConstraint("tenant_id", "file_id", "last_id"),
)
"""Who stood in them, a row for each thousand or so, which follow each other in the order of ids."""
