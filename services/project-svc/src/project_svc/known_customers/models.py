"""Table of the known customers."""

from sqlalchemy import Column, Table, Text

from crm_contracts.customer.v1 import CustomerDeleted
from crm_platform.projection import Projection, projection_table
from project_svc.metadata import METADATA

known_customers: Table = projection_table(
    "known_customers",
    METADATA,
    Column("name", Text, comment="NULL once the customer was deleted."),
    Column("industry", Text),
)

KNOWN_CUSTOMERS = Projection(known_customers, gone=CustomerDeleted, remember_gone=True)
