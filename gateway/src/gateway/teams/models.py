"""Table of the teams, and how they are shown, filtered and sorted."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint, Uuid

from crm_contracts.identity.v1 import TeamSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to
from crm_platform.store import Aggregate
from gateway.metadata import METADATA
from gateway.teams.domain import NOUN, Team
from gateway.text import name_key

# The manager is no foreign key: users refer to teams already, and two tables that refer to each other can
# be neither created nor restored in any order. Users are never removed, so a manager who existed does exist.
teams: Table = aggregate_table(
    "teams",
    METADATA,
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("parent_id", Uuid),
    Column("manager_id", Uuid),
    UniqueConstraint("tenant_id", "parent_id", "name_key", name="uq_teams_place", postgresql_nulls_not_distinct=True),
    belongs_to("parent_id", "teams"),
    Index(None, "tenant_id", "manager_id"),
)

TEAMS = Aggregate(
    name="team",
    plural="teams",
    what=NOUN,
    table=teams,
    state=Team,
    snapshot=TeamSnapshot,
    sort_by={"name": teams.c.name_key},
    derived={"name_key": lambda team: name_key(team.name)},
    default_sort="name",
)
