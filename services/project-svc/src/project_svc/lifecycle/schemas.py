"""What clients send."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_platform.http.fields import NUMERIC, Day, EnteredMoney, Name, ShortText
from project_svc.project_templates import service as project_templates
from project_svc.projects import service as projects


class ProjectCreate(BaseModel):
    """A new project, empty or with all that a template has."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID
    name: Name | None = Field(default=None, description="The customer's name and the kind of project if absent.")
    template: project_templates.TemplateCode | None = Field(
        default=None, description="Code of a ready-made template, or of one that the company has published."
    )
    starts_on: Day | None = Field(default=None, description="Today in the company's time zone if absent.")
    due_on: Day | None = Field(default=None, description="When the template says if absent.")
    budget: EnteredMoney | None = None
    risk_threshold: Annotated[int, Field(ge=1, le=49), NUMERIC] = Field(
        default=projects.DEFAULT_RISK_THRESHOLD,
        description="Probability times impact from which a risk needs attention, up to 49 on a scale of 7 × 7; what "
        "the template says if absent.",
    )
    objectives: projects.Points = Field(
        default=(), description="What the template says if absent; so are the next ones."
    )
    scope_in: projects.Points = ()
    scope_out: projects.Points = ()
    success_criteria: projects.Points = ()
    manager_id: UUID | None = Field(default=None, description="The user who answers for it.")
    member_ids: projects.People = Field(default=(), description="Users who work on it.")
    contract_reference: ShortText | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
