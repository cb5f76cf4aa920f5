"""Table of the known teams."""

from sqlalchemy import Column, Index, Table, Text

from crm_contracts.identity.v1 import TeamDeleted
from crm_platform.projection import Projection, projection_table
from customer_svc.metadata import METADATA
from customer_svc.values.names import name_key

known_teams: Table = projection_table(
    "known_teams",
    METADATA,
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Index(None, "tenant_id", "name_key"),
)

KNOWN_TEAMS = Projection(known_teams, gone=TeamDeleted, derived={"name_key": lambda team: name_key(team.name)})
