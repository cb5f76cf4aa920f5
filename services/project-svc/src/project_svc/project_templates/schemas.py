"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from crm_contracts.plan.v1 import TaskKind
from crm_contracts.project_template.v1 import TemplateCounts, TemplateStatus
from crm_platform.http.fields import NUMERIC, Day, LongText, Name, absent
from crm_platform.http.lists import Page
from crm_platform.http.texts import Expression
from crm_platform.http.validation_messages import refusal
from crm_platform.words import Words
from project_svc.project_templates.content.parts import TemplateContent
from project_svc.templates.service import ReadyMadeRead

TemplateCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Priority = Annotated[int, Field(ge=0, le=1000), NUMERIC]
_RULE = (
    "A condition in CEL over a won opportunity or a signed contract, such as `deal.amount >= 500000.0 && "
    "deal.currency == 'CNY'`; `true` for all. It reads `deal.name`, `deal.amount`, `deal.currency`, "
    "`deal.customer_id`, `deal.product_id`, `deal.owner_id`, `deal.team_id` and `deal.opportunity_id`, and of a "
    "contract `deal.contract_id`, `deal.contract_number`, `deal.signed_on`, `deal.valid_from` and `deal.valid_until`, "
    "which are null for an opportunity. Where no rule is true, either becomes a project from the ready-made template "
    "`implementation`."
)
_SEVERAL = Words("Give one of copy_of, project_id and content", "copy_of、project_id、content 只能填写一个")


class TemplateCreate(BaseModel):
    """A new template, or with `revises` the next edition of one, as a draft."""

    model_config = ConfigDict(extra="forbid")

    code: TemplateCode
    name: Name | None = Field(default=None, description="That of what it is made of, or the code, if absent.")
    description: LongText | None = None
    revises: bool = Field(default=False, description="Whether it is the next edition of the template with this code.")
    copy_of: TemplateCode | None = Field(
        default=None, description="Code of a template, ready-made or in force, whose content it begins with."
    )
    project_id: UUID | None = Field(default=None, description="The project whose plan and registers it begins with.")
    content: TemplateContent | None = Field(
        default=None, description="That of the edition before, or nothing, if this and the other sources are absent."
    )

    @model_validator(mode="after")
    def has_one_source(self) -> Self:
        """Refuse two sources of the content."""
        if sum(one is not None for one in (self.copy_of, self.project_id, self.content)) > 1:
            raise refusal("several_sources", _SEVERAL)
        return self


class TemplateUpdate(BaseModel):
    """Changes of a draft (RFC 7396 merge patch), but for `content`, which is replaced: what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    description: LongText | None = None
    deal_rule: Expression | None = Field(default=None, description=_RULE)
    deal_priority: Priority = Field(
        default_factory=absent, description="Of several templates whose rules are true the highest counts."
    )
    content: TemplateContent = Field(default_factory=absent)


class TemplateRead(BaseModel):
    """An edition of a template."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    code: str
    edition: int = Field(description="From 1 for each code; those of one code have at most one that is published.")
    name: str
    description: str | None
    status: TemplateStatus
    deal_rule: str | None
    deal_priority: int
    source_project_id: UUID | None
    counts: TemplateCounts
    fingerprint: str = Field(description="SHA-256 of the content, in hexadecimal digits.")
    published_at: datetime | None
    published_by: str | None


class TemplateShown(TemplateRead):
    """An edition of a template with its content."""

    content: TemplateContent


class TemplatePage(Page[TemplateRead]):
    """Templates of the company, and beside them those that every company has."""

    ready_made: list[ReadyMadeRead] = Field(description="The same on every page.")


class PreviewAsked(BaseModel):
    """The project of which to see what a template would make."""

    model_config = ConfigDict(extra="forbid")

    starts_on: Day | None = Field(default=None, description="Today in the company's time zone if absent.")
    due_on: Day | None = Field(default=None, description="When the template says if absent.")


class PreviewTask(BaseModel):
    """A task as it would be."""

    key: str
    name: str
    kind: TaskKind
    level: int
    outline: str | None
    starts_at: datetime
    finishes_at: datetime
    critical: bool
    resource_ids: list[UUID]


class PreviewDay(BaseModel):
    """Something with a day."""

    name: str
    on: date | None


class PreviewUnassigned(BaseModel):
    """A task for which nobody was found."""

    task: str = Field(description="Its key.")
    skills: list[str]
    resource_id: UUID | None = Field(description="Of a machine or material that is not planned any more.")


class TemplatePreview(BaseModel):
    """What a project would begin with; nothing of it is kept."""

    starts_on: date
    due_on: date | None
    starts_at: datetime | None = Field(description="Of the first task.")
    finishes_at: datetime | None = Field(description="Of the last task.")
    counts: TemplateCounts
    tasks: list[PreviewTask]
    unassigned: list[PreviewUnassigned]
    deliverables: list[PreviewDay] = Field(description="When they are due.")
    recurring_deliverables: list[PreviewDay] = Field(description="When the first of each is due.")
    quality_gates: list[PreviewDay] = Field(description="When they are planned.")
    outcomes: list[PreviewDay] = Field(description="When to look back.")
    risks: list[str] = Field(description="Their titles.")
    monitors: list[str] = Field(description="Their names.")
