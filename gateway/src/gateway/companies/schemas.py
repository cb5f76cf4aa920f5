"""What clients send and get."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from crm_platform.http.time_zones import TimeZone

_ZONE = (
    "IANA name: where the company's days begin and end. They decide what is on time, overdue or due today, and to "
    "which day or month of a report something belongs."
)


class CompanyDefinition(BaseModel):
    """What is to hold for the whole company."""

    model_config = ConfigDict(extra="forbid")

    time_zone: TimeZone = Field(description=_ZONE, examples=["Asia/Shanghai"])


class CompanyRead(BaseModel):
    """What holds for the whole company."""

    version: int = Field(description="0 as long as nobody has defined anything; then its time zone is UTC.")
    updated_at: datetime | None
    updated_by: str | None
    time_zone: str = Field(description=_ZONE)
