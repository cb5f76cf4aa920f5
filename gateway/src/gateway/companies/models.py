"""Table of what holds for companies, one row of each."""

from sqlalchemy import CheckConstraint, Column, Table, Text

from crm_contracts.identity.v1 import CompanySnapshot
from crm_platform.db.schema import aggregate_table
from crm_platform.store import Aggregate
from gateway.companies.domain import NOUN, Company
from gateway.metadata import METADATA

companies: Table = aggregate_table(
    "companies",
    METADATA,
    Column("time_zone", Text, nullable=False),
    CheckConstraint("id = tenant_id", name="one"),
)

COMPANIES = Aggregate(
    name="company", plural="companies", what=NOUN, table=companies, state=Company, snapshot=CompanySnapshot
)
"""The id is that of the tenant, so that there is but one."""
