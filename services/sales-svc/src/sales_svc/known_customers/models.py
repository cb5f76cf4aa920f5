"""Table of the known customers."""

from sqlalchemy import Column, Index, Table, Text, Uuid

from crm_contracts.customer.v1 import CustomerDeleted
from crm_platform.projection import Projection, projection_table
from sales_svc.metadata import METADATA

known_customers: Table = projection_table(
    "known_customers",
    METADATA,
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("team_id", Uuid),
    Index(None, "tenant_id", "owner_id"),
)

KNOWN_CUSTOMERS = Projection(known_customers, gone=CustomerDeleted)
