"""Events of the end of projects (project-svc), major version 1: lessons learned, closing reports."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, OwnedSnapshot, Snapshot


class LessonEffect(StrEnum):
    """Whether something is to be done again, or not."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class LessonCategory(StrEnum):
    """Which part of the management of a project a lesson is about."""

    SCOPE = "scope"
    SCHEDULE = "schedule"
    COST = "cost"
    QUALITY = "quality"
    RESOURCES = "resources"
    COMMUNICATION = "communication"
    RISK = "risk"
    PROCUREMENT = "procurement"
    STAKEHOLDERS = "stakeholders"
    TECHNICAL = "technical"
    PROCESS = "process"


class LessonSnapshot(Snapshot):
    """State of a lesson learned; it belongs to the company, so that the next project finds it."""

    project_id: UUID
    customer_id: UUID = Field(description="The project's customer.")
    template: str | None = Field(description="From which template the project was opened.")
    industry: str | None = Field(description="The customer's, or as whoever recorded it said.")
    category: LessonCategory
    effect: LessonEffect
    title: str
    happened: str = Field(description="What happened.")
    cause: str | None = Field(description="Why it happened.")
    recommendation: str = Field(description="What the next project should do.")


class LessonEvent(DomainEvent[LessonSnapshot]):
    """Base of the events of lessons learned."""

    topic = "crm.lesson.v1"
    aggregate_type = "lesson"


class LessonRecorded(LessonEvent):
    """Somebody put on record what a project has taught."""

    type = "lesson.recorded"


class LessonUpdated(LessonEvent):
    """A lesson was worded anew, or its customer became another by a merge."""

    type = "lesson.updated"


class LessonWithdrawn(LessonEvent):
    """A lesson does not hold; it is gone."""

    type = "lesson.withdrawn"


class ClosingReportStatus(StrEnum):
    """Life cycle of a closing report."""

    IN_REVIEW = "in_review"
    ISSUED = "issued"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class CriterionFinding(StrEnum):
    """How far a success criterion of the charter was met."""

    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"


class SuccessVerdict(Contract):
    """What was found about one success criterion of the charter."""

    criterion: str = Field(description="As the charter has it.")
    finding: CriterionFinding
    comment: str | None = None


class ClosingDecision(StrEnum):
    """What one of those who have to sign made of a closing report."""

    SIGNED = "signed"
    REJECTED = "rejected"


class Signature(Contract):
    """One of those who have to sign."""

    signer_id: UUID = Field(description="The user who signs.")
    decision: ClosingDecision | None = None
    decided_at: datetime | None = None
    comment: str | None = None


class ClosingReportSnapshot(OwnedSnapshot):
    """State of a closing report. What it says is kept beside it, and never changes; its digest is here."""

    project_id: UUID
    number: int = Field(description="From 1 in each project.")
    summary: str
    verdicts: tuple[SuccessVerdict, ...] = Field(description="One for each success criterion of the charter.")
    signatures: tuple[Signature, ...]
    status: ClosingReportStatus
    made_at: datetime = Field(description="The moment of which it tells.")
    content_sha256: str = Field(description="Of all that it says, in hexadecimal: what exactly was signed.")
    issued_at: datetime | None


class ClosingReportEvent(DomainEvent[ClosingReportSnapshot]):
    """Base of the events of closing reports."""

    topic = "crm.closing_report.v1"
    aggregate_type = "closing_report"


class ClosingReportSubmitted(ClosingReportEvent):
    """A closing report was drawn up, and waits for those who have to sign it."""

    type = "closing_report.submitted"


class ClosingReportSigned(ClosingReportEvent):
    """Somebody signed a closing report; others have still to."""

    type = "closing_report.signed"


class ClosingReportIssued(ClosingReportEvent):
    """The last of those who had to has signed a closing report: it is final."""

    type = "closing_report.issued"


class ClosingReportRejected(ClosingReportEvent):
    """Somebody did not sign a closing report; another has to be drawn up."""

    type = "closing_report.rejected"


class ClosingReportWithdrawn(ClosingReportEvent):
    """Whoever drew up a closing report took it back before all had signed."""

    type = "closing_report.withdrawn"


class ClosingRuleSnapshot(Snapshot):
    """State of the rule of a company about the end of its projects; its id is the company's."""

    report_required: bool = Field(description="Whether a project can be closed only once a closing report is issued.")


class ClosingRuleEvent(DomainEvent[ClosingRuleSnapshot]):
    """Base of the events of the rule."""

    topic = "crm.closing_rule.v1"
    aggregate_type = "closing_rule"


class ClosingRuleDefined(ClosingRuleEvent):
    """A company said what has to be there before its projects are closed."""

    type = "closing_rule.defined"


class ClosingRuleUpdated(ClosingRuleEvent):
    """A company said otherwise."""

    type = "closing_rule.updated"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    LessonRecorded,
    LessonUpdated,
    LessonWithdrawn,
    ClosingReportSubmitted,
    ClosingReportSigned,
    ClosingReportIssued,
    ClosingReportRejected,
    ClosingReportWithdrawn,
    ClosingRuleDefined,
    ClosingRuleUpdated,
)
