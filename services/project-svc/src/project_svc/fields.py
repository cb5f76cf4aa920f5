"""Parts of requests that several slices share."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
PlanDate = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))]
"""A day that a plan can be about; leaves room to count from it."""


class Reason(BaseModel):
    """Why something is done; kept in the event and in the audit trail."""

    model_config = ConfigDict(extra="forbid")

    reason: Words | None = None
