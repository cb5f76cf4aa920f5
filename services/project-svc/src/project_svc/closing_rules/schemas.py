"""What clients send and get."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class ClosingRuleDefinition(BaseModel):
    """What has to be there before a project is closed."""

    model_config = ConfigDict(extra="forbid")

    report_required: bool = Field(description="Whether a closing report has to be issued.")


class ClosingRuleRead(BaseModel):
    """The rule in force."""

    version: int = Field(description="0 for the ready-made one, which wants no report.")
    updated_at: datetime | None
    updated_by: str | None
    report_required: bool
