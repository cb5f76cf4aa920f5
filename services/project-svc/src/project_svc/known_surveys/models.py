"""Table of the known surveys."""

from sqlalchemy import Column, Index, Integer, Table, Text, Uuid

from crm_platform.projection import Projection, projection_table
from project_svc.metadata import METADATA

known_surveys: Table = projection_table(
    "known_surveys",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    Column("project_id", Uuid),
    Column("status", Text, nullable=False),
    Column("score", Integer),
    Index(None, "tenant_id", "project_id"),
    Index(None, "tenant_id", "customer_id"),
)

KNOWN_SURVEYS = Projection(known_surveys)
