"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.quality.v1 import QualityDimension
from crm_platform.http.fields import NUMERIC, Name, absent
from customer_svc.quality_monitors.domain import Average

Key = Annotated[str, StringConstraints(max_length=200)]
Records = Annotated[int, Field(ge=1, le=1_000_000_000), NUMERIC]


class QualityMonitorCreate(BaseModel):
    """A monitor to set up."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    dimension: QualityDimension = Field(
        default=QualityDimension.ALL, description="Whose average is watched: `all`, or of one source, owner or team."
    )
    key: Key = Field(default="", description="The source, or the id of the owner or team; empty for all customers.")
    degraded_below: Average = Field(description="The average score below which the data has degraded.")
    recovered_at: Average = Field(
        description="The average score from which on it is good again: not lower, and better some points higher, so "
        "that an average about the limit is told of once."
    )
    least_records: Records = Field(default=1, description="With fewer customers nothing is said.")


class QualityMonitorUpdate(BaseModel):
    """Changes of a monitor (RFC 7396 merge patch): what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    dimension: QualityDimension = Field(default_factory=absent)
    key: Key = Field(default_factory=absent)
    degraded_below: Average = Field(default_factory=absent)
    recovered_at: Average = Field(default_factory=absent)
    least_records: Records = Field(default_factory=absent)


class QualityMonitorRead(BaseModel):
    """A monitor."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    name: str
    dimension: QualityDimension
    key: str
    degraded_below: float
    recovered_at: float
    least_records: int
    degraded: bool
    average: float | None = Field(description="The average score when it was last turned round.")
    since: datetime | None = Field(description="When that was.")
