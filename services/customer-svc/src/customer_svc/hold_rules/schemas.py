"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from crm_platform.http.fields import NUMERIC, LongText, absent

Record = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
Days = Annotated[int, Field(ge=1, le=36_500), NUMERIC]


class HoldRuleCreate(BaseModel):
    """A new rule."""

    model_config = ConfigDict(extra="forbid")

    record: Record = Field(
        description="Which records: `communication`, `opportunity`, `contract`, `ticket`, `survey`, `project`, "
        "`customer_name` …"
    )
    days: Days = Field(description="How long after their date they are kept.")
    law: LongText = Field(description="By which law or contract; stands in the certificate.")
    active: StrictBool = True


class HoldRuleUpdate(BaseModel):
    """Changes of a rule (RFC 7396 merge patch)."""

    model_config = ConfigDict(extra="forbid")

    days: Days = Field(default_factory=absent)
    law: LongText = Field(default_factory=absent)
    active: StrictBool = Field(default_factory=absent)


class HoldRuleRead(BaseModel):
    """A rule."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    record: str
    days: int
    law: str
    active: bool
