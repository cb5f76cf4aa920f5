"""What clients send and get."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_platform.http.fields import LongText


class Release(BaseModel):
    """Why a customer is given back."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText


class OwnedHow(StrEnum):
    """How an ownership began."""

    ENTERED = "entered"
    CLAIMED = "claimed"
    RELEASED = "released"
    RETURNED = "returned"
    ASSIGNED = "assigned"


class Ownership(BaseModel):
    """A time in which a customer belonged to somebody, or with neither person nor team to the pool."""

    owner_id: UUID | None
    team_id: UUID | None
    since: datetime
    until: datetime | None = Field(description="Null for the present one.")
    how: OwnedHow
    by: str = Field(description="Actor: `user:<id>`, `client:<id>`, `apikey:<id>` or `system:<name>`.")
    reason: str | None


class OwnershipHistory(BaseModel):
    """To whom a customer has belonged, the present owner first."""

    items: list[Ownership]
