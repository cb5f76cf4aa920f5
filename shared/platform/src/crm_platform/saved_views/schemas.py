"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.saved_view.v1 import Sharing
from crm_platform.http.fields import ShortText, absent

FilterText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
SortText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Columns = Annotated[tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...], Field(max_length=100)]


class SavedViewCreate(BaseModel):
    """A new view; a service says which lists there are by its own class."""

    model_config = ConfigDict(extra="forbid")

    name: ShortText
    resource: str
    filter: FilterText | None = Field(default=None, description="CEL, as in `filter` of the list.")
    sort: SortText | None = Field(default=None, description="As in `sort` of the list.")
    columns: Columns = Field(default=(), description="Members to show, in this order; empty for all.")
    sharing: Sharing = Field(default=Sharing.PRIVATE, description="Who sees it besides you.")


class SavedViewUpdate(BaseModel):
    """Changes of a view (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    name: ShortText = Field(default_factory=absent)
    filter: FilterText | None = None
    sort: SortText | None = None
    columns: Columns = Field(default_factory=absent)
    sharing: Sharing = Field(default_factory=absent)


class SavedViewRead(BaseModel):
    """A view."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    name: str
    resource: str
    filter: str | None
    sort: str | None
    columns: list[str]
    sharing: Sharing
    author_id: UUID
    author_team_id: UUID | None
