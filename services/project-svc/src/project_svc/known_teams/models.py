"""Tables of the known teams and of who is in them."""

from sqlalchemy import Column, Table, Text, Uuid

from crm_contracts.identity.v1 import TeamDeleted
from crm_platform.projection import Projection, projection_table
from project_svc.metadata import METADATA

known_teams: Table = projection_table(
    "known_teams", METADATA, Column("name", Text, comment="NULL once the team was deleted.")
)
known_members: Table = projection_table(
    "known_members", METADATA, Column("team_id", Uuid, comment="The team of the user with this id.")
)

KNOWN_TEAMS = Projection(known_teams, gone=TeamDeleted, remember_gone=True)
KNOWN_MEMBERS = Projection(known_members)
