"""A ready-made template as the content of one of the company's."""

from project_svc.project_templates.content.parts import (
    Charter,
    RelativeDay,
    TemplateContent,
    TemplateDeliverable,
    TemplateRisk,
)
from project_svc.risk_scales.service import RiskScale
from project_svc.templates.service import Language, ProjectTemplate


def copied(template: ProjectTemplate, scale: RiskScale, language: Language) -> TemplateContent:
    """Its texts in one language, its risks on the company's scale."""
    return TemplateContent(
        charter=Charter(due_on=RelativeDay(days=template.duration_days)),
        deliverables=tuple(
            TemplateDeliverable(
                name=one.name.into(language),
                acceptance_criteria=tuple(text.into(language) for text in one.acceptance_criteria),
                due_on=RelativeDay(days=one.due_after_days),
            )
            for one in template.deliverables
        ),
        risks=tuple(
            TemplateRisk(
                title=one.title.into(language),
                category=one.category,
                **dict(zip(("probability", "impact"), scale.fitted(one.probability, one.impact), strict=True)),
            )
            for one in template.risks
        ),
    )
