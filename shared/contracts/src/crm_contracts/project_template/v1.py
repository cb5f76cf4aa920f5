"""Events of the templates that companies define for their projects (project-svc), major version 1."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, Snapshot


class TemplateStatus(StrEnum):
    """Life cycle of an edition of a template."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class TemplateCounts(Contract):
    """How much there is in a template."""

    tasks: int = 0
    deliverables: int = 0
    recurring_deliverables: int = 0
    risks: int = 0
    quality_gates: int = 0
    outcomes: int = 0
    monitors: int = 0


class ProjectTemplateSnapshot(Snapshot):
    """State of one edition of a template; what is in it is fetched by its id, as it can be as large as a plan."""

    code: str = Field(description="The same in all editions.")
    edition: int = Field(description="From 1 for each code.")
    name: str
    description: str | None
    status: TemplateStatus
    deal_rule: str | None = Field(
        description="An expression in CEL over a won deal; where it is true, the deal's project is opened from this."
    )
    deal_priority: int = Field(description="Of several whose rules are true the highest counts.")
    source_project_id: UUID | None = Field(description="The project that it was saved from.")
    counts: TemplateCounts
    fingerprint: str = Field(description="SHA-256 of the content, in hexadecimal digits.")
    published_at: datetime | None
    published_by: str | None


class ProjectTemplateEvent(DomainEvent[ProjectTemplateSnapshot]):
    """Base of the events of templates."""

    topic = "crm.project_template.v1"
    aggregate_type = "project_template"


class ProjectTemplateDrafted(ProjectTemplateEvent):
    """An edition of a template was begun, from nothing, another one or a project."""

    type = "project_template.drafted"


class ProjectTemplateUpdated(ProjectTemplateEvent):
    """A draft was changed."""

    type = "project_template.updated"


class ProjectTemplatePublished(ProjectTemplateEvent):
    """An edition is in force: projects are opened from it, and from no other of its code."""

    type = "project_template.published"


class ProjectTemplateRetired(ProjectTemplateEvent):
    """No project is opened from an edition any more: a newer one is in force, or somebody wants it no more."""

    type = "project_template.retired"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    ProjectTemplateDrafted,
    ProjectTemplateUpdated,
    ProjectTemplatePublished,
    ProjectTemplateRetired,
)
