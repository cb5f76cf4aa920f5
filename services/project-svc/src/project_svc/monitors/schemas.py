"""What clients send and get."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.execution.v1 import MonitorLevel, MonitorSide
from crm_platform.http.fields import Moment, Name, ShortText, absent

Figure = Annotated[Decimal, Field(max_digits=16, decimal_places=4, allow_inf_nan=False)]
Margin = Annotated[Figure, Field(ge=0)]
Metric = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,99}$")]


class MonitorFields(BaseModel):
    """A metric with thresholds, of whichever project."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    metric: Metric = Field(
        description="Derived every five minutes: `spi`, `cpi`, `schedule_spi`, `percent_complete`, `percent_spent`, "
        "`risk_ratio`, `risk_total`, `open_issues`, `critical_issues`, and of this week and the next three "
        "`people.overloaded` (how many people are needed for longer than they are there, in weeks in which the project "
        "needs them) and `people.hours_over_capacity`. Any other is pushed, such as `response_time`."
    )
    unit: ShortText | None = None
    bad: MonitorSide = Field(description="On which side of its thresholds it is bad.")
    warning: Figure = Field(description="Beyond this it is a warning.")
    critical: Figure = Field(description="Beyond this it is critical; worse than the warning.")
    margin: Margin = Field(default=Decimal(0), description="By how much it must be better to be rid of a level.")


class MonitorCreate(MonitorFields):
    """A metric of a project to watch."""

    project_id: UUID


class MonitorUpdate(BaseModel):
    """Changes of a monitor (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    unit: ShortText | None = None
    bad: MonitorSide = Field(default_factory=absent)
    warning: Figure = Field(default_factory=absent)
    critical: Figure = Field(default_factory=absent)
    margin: Margin = Field(default_factory=absent)


class Measurement(BaseModel):
    """What a metric is, or was."""

    model_config = ConfigDict(extra="forbid")

    value: Figure
    measured_at: Moment | None = Field(
        default=None, description="Now, where absent. One that is older than the last has no effect."
    )


class MonitorRead(BaseModel):
    """A metric of a project with thresholds."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    name: str
    metric: str
    unit: str | None
    bad: MonitorSide
    warning: float
    critical: float
    margin: float
    level: MonitorLevel
    value: float | None = Field(description="Measured last; of a derived metric, when its level last changed.")
    measured_at: datetime | None
    since: datetime | None = Field(description="Since when it is at this level.")
