"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.plan.v1 import ResourceCapacity, ResourceKind, ResourceRate
from crm_platform.http.fields import NUMERIC, Day, Name, Price, ShortText, Tags, absent
from project_svc.resources.domain import ALWAYS

MOST_UNITS = 1_000_000


class CapacityIn(ResourceCapacity):
    """From a day on, how much of a resource there is."""

    since: Day
    units: Annotated[int, Field(ge=0, le=MOST_UNITS), NUMERIC] = Field(
        description="Per cent: 100 is one full-time person or one machine."
    )


class RateIn(ResourceRate):
    """From a day on, what a resource costs."""

    since: Day
    rate: Price = Field(description="For an hour of work; of material, for one unit.")


Capacity = Annotated[tuple[CapacityIn, ...], Field(min_length=1, max_length=100, description="In the order of time.")]
Rates = Annotated[tuple[RateIn, ...], Field(max_length=100, description="In the order of time, by currency.")]


class ResourceCreate(BaseModel):
    """A new resource."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    kind: ResourceKind
    user_id: UUID | None = Field(default=None, description="The person as a user.")
    skills: Tags = ()
    capacity: Capacity = (CapacityIn(since=ALWAYS, units=100),)
    rates: Rates = ()
    calendar_id: UUID | None = None
    external_id: ShortText | None = None


class ResourceUpdate(BaseModel):
    """Changes of a resource (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    user_id: UUID | None = None
    skills: Tags = Field(default_factory=absent)
    capacity: Capacity = Field(default_factory=absent)
    rates: Rates = Field(default_factory=absent)
    calendar_id: UUID | None = None
    active: bool = Field(default_factory=absent, description="Whether tasks can still be given it.")
    external_id: ShortText | None = None


class CapacityRead(BaseModel):
    """From a day on, how much of a resource there is."""

    since: date
    units: int


class ResourceRead(BaseModel):
    """A resource."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    name: str
    kind: ResourceKind
    user_id: UUID | None
    skills: list[str]
    capacity: list[CapacityRead]
    rates: list[ResourceRate]
    calendar_id: UUID | None
    active: bool
    external_id: str | None
