"""What clients send and get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.closing.v1 import LessonCategory, LessonEffect
from crm_platform.http.fields import LongText, Name, ShortText, absent


class LessonCreate(BaseModel):
    """Something that a project has taught."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    category: LessonCategory
    effect: LessonEffect = Field(description="`positive`: do it again; `negative`: do not let it happen again.")
    title: Name
    happened: LongText = Field(description="What happened.")
    cause: LongText | None = Field(default=None, description="Why it happened.")
    recommendation: LongText = Field(description="What the next project should do.")
    industry: ShortText | None = Field(default=None, description="The customer's if absent.")


class LessonUpdate(BaseModel):
    """Changes of a lesson (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    category: LessonCategory = Field(default_factory=absent)
    effect: LessonEffect = Field(default_factory=absent)
    title: Name = Field(default_factory=absent)
    happened: LongText = Field(default_factory=absent)
    cause: LongText | None = None
    recommendation: LongText = Field(default_factory=absent)
    industry: ShortText | None = None


class LessonRead(BaseModel):
    """A lesson learned; who recorded it is `created_by`."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    project_id: UUID
    customer_id: UUID
    template: str | None
    industry: str | None
    category: LessonCategory
    effect: LessonEffect
    title: str
    happened: str
    cause: str | None
    recommendation: str
