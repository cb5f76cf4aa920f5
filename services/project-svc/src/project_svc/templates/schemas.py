"""How templates are shown."""

from pydantic import BaseModel, ConfigDict

from crm_contracts.project.v1 import RiskCategory
from project_svc.templates.domain import TemplateCode


class Shown(BaseModel):
    """Made from the frozen data in `domain.py`."""

    model_config = ConfigDict(from_attributes=True)


class WordsRead(Shown):
    """A text in both languages."""

    en: str
    zh: str


class TemplateDeliverableRead(Shown):
    """Something that is handed to the customer."""

    name: WordsRead
    due_after_days: int
    acceptance_criteria: list[WordsRead]


class TemplateRiskRead(Shown):
    """What usually goes wrong."""

    title: WordsRead
    category: RiskCategory
    probability: int
    impact: int


class TemplateRead(Shown):
    """What a project of a kind starts with."""

    code: TemplateCode
    version: int
    name: WordsRead
    duration_days: int
    deliverables: list[TemplateDeliverableRead]
    risks: list[TemplateRiskRead]
