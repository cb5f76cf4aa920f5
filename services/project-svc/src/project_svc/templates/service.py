"""Finding ready-made templates."""

from project_svc.templates.domain import (
    TEMPLATES,
    Language,
    ProjectTemplate,
    TemplateCode,
    TemplateDeliverable,
    TemplateRisk,
    language_of,
)
from project_svc.templates.schemas import ReadyMadeRead

__all__ = [
    "Language",
    "ProjectTemplate",
    "ReadyMadeRead",
    "TemplateCode",
    "TemplateDeliverable",
    "TemplateRisk",
    "find",
    "language_of",
    "ready_made",
    "shown",
]


def find(code: TemplateCode) -> ProjectTemplate:
    """The template of that code, in its newest version."""
    return TEMPLATES[code]


def ready_made(code: str) -> ProjectTemplate | None:
    """The template of that code; None where there is none."""
    return TEMPLATES.get(TemplateCode(code)) if code in set(TemplateCode) else None


def shown() -> list[ReadyMadeRead]:
    """All of them, in both languages."""
    return [ReadyMadeRead.model_validate(template) for template in TEMPLATES.values()]
