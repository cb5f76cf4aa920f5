"""Finding templates."""

from project_svc.templates.domain import (
    TEMPLATES,
    Language,
    ProjectTemplate,
    TemplateCode,
    TemplateDeliverable,
    TemplateRisk,
    language_of,
)

__all__ = [
    "Language",
    "ProjectTemplate",
    "TemplateCode",
    "TemplateDeliverable",
    "TemplateRisk",
    "find",
    "language_of",
    "list_all",
]


def find(code: TemplateCode) -> ProjectTemplate:
    """The template of that code, in its newest version."""
    return TEMPLATES[code]


def list_all() -> tuple[ProjectTemplate, ...]:
    """All templates."""
    return tuple(TEMPLATES.values())
