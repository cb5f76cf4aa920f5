"""Table of the projects, and how they are shown, filtered and sorted."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.types import TypeEngine

from crm_contracts.project.v1 import ProjectSnapshot, ProjectStatus
from crm_platform.db.schema import aggregate_table, money_columns, one_of
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.projects.domain import NOUN, Project


def _list(name: str, item: type[TypeEngine[Any]] = Text) -> Column[Any]:
    """A list, empty in rows of a version that did not know it."""
    return Column(name, ARRAY(item), nullable=False, server_default=text("'{}'"))


projects: Table = aggregate_table(
    "projects",
    METADATA,
    Column("name", Text, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("opportunity_id", Uuid),
    Column("template", Text),
    Column("status", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    *money_columns("budget"),
    Column("risk_threshold", Integer, nullable=False),
    Column("approved_by", Text),
    Column("completed_at", DateTime(timezone=True)),
    *(_list(name) for name in ("objectives", "scope_in", "scope_out", "success_criteria")),
    Column("manager_id", Uuid),
    _list("member_ids", Uuid),
    Column("contract_reference", Text),
    Column("template_id", Uuid),
    Column("template_edition", Integer),
    Column("contract_id", Uuid),
    one_of("status", [status.value for status in ProjectStatus]),
    CheckConstraint("risk_threshold BETWEEN 1 AND 49", name="risk_threshold"),
    CheckConstraint("due_on >= starts_on", name="dates"),
    UniqueConstraint("tenant_id", "opportunity_id"),
    Index("uq_projects_contract", "tenant_id", "contract_id", unique=True),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "due_on", "id"),
    Index(None, "tenant_id", "name", "id"),
    owned=True,
)

PROJECTS = Aggregate(
    name="project",
    plural="projects",
    what=NOUN,
    table=projects,
    state=Project,
    snapshot=ProjectSnapshot,
    sort_by={"name": projects.c.name, "due_on": projects.c.due_on},
)
