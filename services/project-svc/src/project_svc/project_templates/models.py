"""Tables of the templates and of what is in them, and what rules about deals can read."""

from sqlalchemy import Column, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.project_template.v1 import ProjectTemplateSnapshot, TemplateStatus
from crm_platform.cel import Field, FieldMap, field_map
from crm_platform.db.schema import aggregate_table, belongs_to, one_of, tenant_table
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.project_templates.domain import NOUN, ProjectTemplate

project_templates: Table = aggregate_table(
    "project_templates",
    METADATA,
    Column("code", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("status", Text, nullable=False),
    Column("deal_rule", Text),
    Column("deal_priority", Integer, nullable=False),
    Column("source_project_id", Uuid),
    Column("counts", JSONB, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("published_by", Text),
    one_of("status", [status.value for status in TemplateStatus]),
    UniqueConstraint("tenant_id", "code", "edition"),
    Index("uq_project_templates_draft", "tenant_id", "code", unique=True, postgresql_where=text("status = 'draft'")),
    Index(
        "uq_project_templates_published",
        "tenant_id",
        "code",
        unique=True,
        postgresql_where=text("status = 'published'"),
    ),
)

project_template_contents: Table = tenant_table(
    "project_template_contents",
    METADATA,
    Column("template_id", Uuid, nullable=False),
    Column("content", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "template_id"),
    belongs_to("template_id", "project_templates"),
)
"""Beside the templates, as lists and events need not carry thousands of tasks; the fingerprint there vouches for it."""

PROJECT_TEMPLATES = Aggregate(
    name="project_template",
    plural="project-templates",
    what=NOUN,
    table=project_templates,
    state=ProjectTemplate,
    snapshot=ProjectTemplateSnapshot,
    sort_by={"code": project_templates.c.code},
)

DEAL: FieldMap = field_map(
    Field("deal.name", None, "string"),
    Field("deal.amount", None, "decimal"),
    Field("deal.currency", None, "string"),
    Field("deal.customer_id", None, "uuid"),
    Field("deal.product_id", None, "uuid"),
    Field("deal.owner_id", None, "uuid"),
    Field("deal.team_id", None, "uuid"),
    Field("deal.opportunity_id", None, "uuid"),
    Field("deal.contract_id", None, "uuid"),
    Field("deal.contract_number", None, "string"),
    Field("deal.signed_on", None, "date"),
    Field("deal.valid_from", None, "date"),
    Field("deal.valid_until", None, "date"),
)
"""What is known of a won opportunity or a signed contract; what is not is null, with which no comparison is true."""
