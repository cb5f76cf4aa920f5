"""Parts of requests that several slices share."""

from datetime import date
from typing import Annotated

from pydantic import Field

PlanDate = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))]
"""A day that a plan can be about; leaves room to count from it."""
