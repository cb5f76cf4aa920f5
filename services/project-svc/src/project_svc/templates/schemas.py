"""How ready-made templates are shown."""

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


class ReadyMadeDeliverableRead(Shown):
    """Something that is handed to the customer."""

    name: WordsRead
    due_after_days: int
    acceptance_criteria: list[WordsRead]


class ReadyMadeRiskRead(Shown):
    """What usually goes wrong."""

    title: WordsRead
    category: RiskCategory
    probability: int
    impact: int


class ReadyMadeRead(Shown):
    """A template that every company has; it cannot be changed, but copied into one that can."""

    code: TemplateCode
    version: int
    name: WordsRead
    duration_days: int
    deliverables: list[ReadyMadeDeliverableRead]
    risks: list[ReadyMadeRiskRead]
