"""What clients send and get."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.control.v1 import ActionKind, ActionSource, ActionStatus
from crm_platform.http.fields import Day, LongText, Name, absent

RaisedFrom = Literal[
    ActionSource.RISK, ActionSource.ISSUE, ActionSource.MONITOR, ActionSource.CHANGE_REQUEST, ActionSource.OTHER
]
"""Conditions of quality gates come about by reviews only."""


class CorrectiveActionCreate(BaseModel):
    """A new action of a project."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    kind: ActionKind = ActionKind.CORRECTIVE
    title: Name
    description: LongText | None = None
    source: RaisedFrom = ActionSource.OTHER
    source_id: UUID | None = Field(default=None, description="Id of the risk, issue, monitor or change request.")
    owner_id: UUID | None = Field(default=None, description="Who sees to it; the project's owner if absent.")
    due_on: Day


class CorrectiveActionUpdate(BaseModel):
    """Changes of an action (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    kind: ActionKind = Field(default_factory=absent)
    title: Name = Field(default_factory=absent)
    description: LongText | None = None
    owner_id: UUID | None = None
    due_on: Day = Field(default_factory=absent)


class CorrectiveActionRead(BaseModel):
    """An action; its owner sees to it."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    kind: ActionKind
    title: str
    description: str | None
    source: ActionSource
    source_id: UUID | None
    due_on: date
    overdue: bool = Field(description="Whether it was not done by the end of its day in the company's time zone.")
    status: ActionStatus
    done_at: datetime | None
    verified_at: datetime | None
    verified_by: str | None
