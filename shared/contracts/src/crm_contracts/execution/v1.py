"""Events of what is done, spent, measured and mended in projects (project-svc), major version 1."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DecimalString, DomainEvent, Money, OwnedSnapshot
from crm_contracts.communication.v1 import CalendarFeedSnapshot

_TOPIC = "crm.execution.v1"


class ProgressReportSnapshot(OwnedSnapshot):
    """State of a report: what was known of a task as of some time."""

    project_id: UUID
    task_id: UUID
    as_of: datetime
    percent_complete: int = Field(description="Of the work, 0 to 100.")
    actual_start: datetime | None
    actual_finish: datetime | None
    remaining: int | None = Field(description="Minutes of working time left; by per cent complete where absent.")
    note: str | None


class ProgressReported(DomainEvent[ProgressReportSnapshot]):
    """Somebody reported how far a task is."""

    type = "progress.reported"
    topic = _TOPIC
    aggregate_type = "progress_report"


class TimesheetStatus(StrEnum):
    """Life cycle of a timesheet; what was rejected is corrected and submitted again."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


class TimeEntry(Contract):
    """Work of a person on a task on a day."""

    task_id: UUID
    day: date
    minutes: int
    note: str | None = None


class TimesheetSnapshot(OwnedSnapshot):
    """State of a timesheet: the work of one person in one week."""

    user_id: UUID
    week_starts_on: date = Field(description="A Monday.")
    status: TimesheetStatus
    entries: tuple[TimeEntry, ...]
    minutes: int = Field(description="Of all entries.")
    submitted_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None


class TimesheetEvent(DomainEvent[TimesheetSnapshot]):
    """Base of the events of timesheets."""

    topic = _TOPIC
    aggregate_type = "timesheet"


class TimesheetCreated(TimesheetEvent):
    """A person began to record the work of a week."""

    type = "timesheet.created"


class TimesheetUpdated(TimesheetEvent):
    """The entries of a timesheet changed."""

    type = "timesheet.updated"


class TimesheetSubmitted(TimesheetEvent):
    """A timesheet waits for approval."""

    type = "timesheet.submitted"


class TimesheetApproved(TimesheetEvent):
    """A timesheet was approved; its work has become costs of its projects."""

    type = "timesheet.approved"


class TimesheetRejected(TimesheetEvent):
    """A timesheet was sent back, with a reason."""

    type = "timesheet.rejected"


class ExpenseStatus(StrEnum):
    """Life cycle of an expense."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


class ExpenseSnapshot(OwnedSnapshot):
    """State of an expense: money that somebody spent for a project."""

    project_id: UUID
    task_id: UUID | None
    incurred_on: date
    amount: Money
    category: str
    description: str | None
    status: ExpenseStatus
    decided_at: datetime | None
    decided_by: str | None


class ExpenseEvent(DomainEvent[ExpenseSnapshot]):
    """Base of the events of expenses."""

    topic = _TOPIC
    aggregate_type = "expense"


class ExpenseSubmitted(ExpenseEvent):
    """An expense waits for approval."""

    type = "expense.submitted"


class ExpenseApproved(ExpenseEvent):
    """An expense was approved, and is a cost of its project."""

    type = "expense.approved"


class ExpenseRejected(ExpenseEvent):
    """An expense was refused, with a reason."""

    type = "expense.rejected"


class CostSource(StrEnum):
    """Where a cost comes from."""

    TIMESHEET = "timesheet"
    EXPENSE = "expense"
    ERP = "erp"


class ProjectCostSnapshot(OwnedSnapshot):
    """State of an actual cost of a project."""

    project_id: UUID
    task_id: UUID | None = Field(description="Null where it belongs to the project as a whole.")
    source: CostSource
    source_ref: str = Field(description="What it comes from: an id here, or the number in the ERP system.")
    revision: int = Field(description="Counts its changes where it comes from.")
    incurred_on: date
    amount: Money = Field(description="Negative for a credit.")
    minutes: int | None = Field(description="Of work, where it is for that.")
    description: str | None


class ProjectCostEvent(DomainEvent[ProjectCostSnapshot]):
    """Base of the events of actual costs."""

    topic = _TOPIC
    aggregate_type = "project_cost"


class ProjectCostRecorded(ProjectCostEvent):
    """A project had a cost."""

    type = "project_cost.recorded"


class ProjectCostCorrected(ProjectCostEvent):
    """A cost was corrected where it comes from."""

    type = "project_cost.corrected"


class IssueKind(StrEnum):
    """What an issue is."""

    ISSUE = "issue"
    DEFECT = "defect"


class IssueSeverity(StrEnum):
    """How bad an issue is, from least to most."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class IssueStatus(StrEnum):
    """Life cycle of an issue."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"


class IssueSnapshot(OwnedSnapshot):
    """State of an issue or a defect of a project."""

    project_id: UUID
    task_id: UUID | None
    kind: IssueKind
    title: str
    description: str | None
    severity: IssueSeverity
    status: IssueStatus
    assignee_id: UUID | None
    due_on: date | None
    resolution: str | None
    reopened: int = Field(description="How often it came back after it was resolved.")
    resolved_at: datetime | None


class IssueEvent(DomainEvent[IssueSnapshot]):
    """Base of the events of issues."""

    topic = _TOPIC
    aggregate_type = "issue"


class IssueOpened(IssueEvent):
    """An issue was found."""

    type = "issue.opened"


class IssueUpdated(IssueEvent):
    """An issue was judged or assigned anew."""

    type = "issue.updated"


class IssueStarted(IssueEvent):
    """Somebody works on an issue."""

    type = "issue.started"


class IssueResolved(IssueEvent):
    """An issue is resolved, and waits to be verified."""

    type = "issue.resolved"


class IssueReopened(IssueEvent):
    """An issue has come back."""

    type = "issue.reopened"


class IssueClosed(IssueEvent):
    """That an issue is resolved was verified, or it will not be."""

    type = "issue.closed"


class MonitorLevel(StrEnum):
    """How a monitored metric stands."""

    NORMAL = "normal"
    WARNING = "warning"
    CRITICAL = "critical"


class MonitorSide(StrEnum):
    """On which side of its thresholds a metric is bad."""

    ABOVE = "above"
    BELOW = "below"


class MonitorSnapshot(OwnedSnapshot):
    """State of a monitor: a metric of a project with thresholds."""

    project_id: UUID
    name: str
    metric: str = Field(description="What is measured: one that is derived here, such as `spi`, or any other name.")
    unit: str | None
    bad: MonitorSide
    warning: DecimalString
    critical: DecimalString
    margin: DecimalString = Field(description="By how much it must be better than a threshold to be rid of it.")
    level: MonitorLevel
    value: DecimalString | None = Field(description="Measured last.")
    measured_at: datetime | None
    since: datetime | None = Field(description="Since when it is at this level.")


class MonitorEvent(DomainEvent[MonitorSnapshot]):
    """Base of the events of monitors."""

    topic = "crm.monitor.v1"
    aggregate_type = "monitor"


class MonitorCreated(MonitorEvent):
    """A monitor was set up."""

    type = "monitor.created"


class MonitorUpdated(MonitorEvent):
    """A monitor was changed, or has measured without crossing a threshold."""

    type = "monitor.updated"


class MonitorAlerted(MonitorEvent):
    """A metric has crossed a threshold for the worse; told once for each crossing."""

    type = "monitor.alerted"


class MonitorRecovered(MonitorEvent):
    """A metric is better than a threshold that it had crossed."""

    type = "monitor.recovered"


class MonitorDeleted(MonitorEvent):
    """A monitor was removed."""

    type = "monitor.deleted"


class ProjectCalendarFeedEvent(DomainEvent[CalendarFeedSnapshot]):
    """Base of the events about the addresses under which calendar programs fetch the owner's project work."""

    topic = _TOPIC
    aggregate_type = "project_calendar_feed"


class ProjectCalendarFeedCreated(ProjectCalendarFeedEvent):
    """A person was given a secret address for their calendar program."""

    type = "project_calendar_feed.created"


class ProjectCalendarFeedRevoked(ProjectCalendarFeedEvent):
    """An address was withdrawn, by the person or because their rights have changed."""

    type = "project_calendar_feed.revoked"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    ProgressReported,
    TimesheetCreated,
    TimesheetUpdated,
    TimesheetSubmitted,
    TimesheetApproved,
    TimesheetRejected,
    ExpenseSubmitted,
    ExpenseApproved,
    ExpenseRejected,
    ProjectCostRecorded,
    ProjectCostCorrected,
    IssueOpened,
    IssueUpdated,
    IssueStarted,
    IssueResolved,
    IssueReopened,
    IssueClosed,
    MonitorCreated,
    MonitorUpdated,
    MonitorAlerted,
    MonitorRecovered,
    MonitorDeleted,
    ProjectCalendarFeedCreated,
    ProjectCalendarFeedRevoked,
)
