"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_platform.http.fields import absent

TeamName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class TeamFields(BaseModel):
    """Everything about a team that a client may set; all optional."""

    model_config = ConfigDict(extra="forbid")

    parent_id: UUID | None = None
    manager_id: UUID | None = None


class TeamCreate(TeamFields):
    """A new team."""

    name: TeamName


class TeamUpdate(TeamFields):
    """Changes of a team (RFC 7396 merge patch): what is absent stays, null empties."""

    name: TeamName = Field(default_factory=absent)


class TeamRead(BaseModel):
    """A team."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    name: str
    parent_id: UUID | None
    manager_id: UUID | None
