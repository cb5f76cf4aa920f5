"""What clients send and get."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.execution.v1 import IssueKind, IssueSeverity, IssueStatus
from crm_platform.http.fields import Day, LongText, Name, absent


class IssueCreate(BaseModel):
    """A new issue of a project."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    task_id: UUID | None = None
    kind: IssueKind = IssueKind.ISSUE
    title: Name
    description: LongText | None = None
    severity: IssueSeverity
    assignee_id: UUID | None = Field(default=None, description="The user who is to mend it.")
    due_on: Day | None = None


class IssueUpdate(BaseModel):
    """Changes of an issue (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    title: Name = Field(default_factory=absent)
    description: LongText | None = None
    severity: IssueSeverity = Field(default_factory=absent)
    assignee_id: UUID | None = None
    due_on: Day | None = None


class Resolution(BaseModel):
    """How an issue was resolved."""

    model_config = ConfigDict(extra="forbid")

    resolution: LongText


class IssueRead(BaseModel):
    """An issue or a defect of a project."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
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
