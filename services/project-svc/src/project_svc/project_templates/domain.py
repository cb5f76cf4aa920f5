"""Rules of templates: their editions and the life of each."""

from datetime import datetime
from uuid import UUID

from crm_contracts.project_template.v1 import TemplateCounts, TemplateStatus
from crm_platform.aggregate import AggregateState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.project_templates.errors import TemplateNotDraft

NOUN = Words("project template", "项目模板")

LIFE_CYCLE: StateMachine[TemplateStatus] = StateMachine(
    what=NOUN,
    initial=TemplateStatus.DRAFT,
    transitions={
        (TemplateStatus.DRAFT, "publish"): TemplateStatus.PUBLISHED,
        (TemplateStatus.DRAFT, "retire"): TemplateStatus.RETIRED,
        (TemplateStatus.PUBLISHED, "retire"): TemplateStatus.RETIRED,
    },
)
"""Of one edition; those of one code have at most one draft, and one that is published."""


class ProjectTemplate(AggregateState):
    """One edition of a template; its content is kept beside it."""

    code: str
    edition: int = 1
    name: str
    description: str | None = None
    status: TemplateStatus = LIFE_CYCLE.initial
    deal_rule: str | None = None
    deal_priority: int = 0
    source_project_id: UUID | None = None
    counts: TemplateCounts = TemplateCounts()
    fingerprint: str
    published_at: datetime | None = None
    published_by: str | None = None

    def expect_draft(self) -> None:
        """Refuse changes of what projects may have come from.

        Raises:
            TemplateNotDraft: It was published, or is retired.
        """
        if self.status is not TemplateStatus.DRAFT:
            raise TemplateNotDraft(template=self.code, edition=self.edition, status=self.status.value)

    def published(self, *, at: datetime, by: str) -> "ProjectTemplate":
        """The edition as it comes into force.

        Raises:
            InvalidTransition: It is no draft.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "publish"), published_at=at, published_by=by)

    def retired(self) -> "ProjectTemplate":
        """The edition as it is out of force, or given up.

        Raises:
            InvalidTransition: It is already.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "retire"))
