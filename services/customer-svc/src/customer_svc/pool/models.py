"""Table of the pool."""

from sqlalchemy import Column, Date, Integer, PrimaryKeyConstraint, Table, Uuid

from crm_platform.db.schema import tenant_table
from customer_svc.metadata import METADATA

pool_claims: Table = tenant_table(
    "pool_claims",
    METADATA,
    Column("person_id", Uuid, nullable=False),
    Column("day", Date, nullable=False, comment="Where the rule's people work."),
    Column("claims", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "person_id", "day"),
)
"""How often a person has claimed on a day; its row is also what lets a person's claims happen one after the other."""
