"""Events about saved views of lists, major version 1."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import DomainEvent, Snapshot


class Sharing(StrEnum):
    """Who sees a view besides whoever made it."""

    PRIVATE = "private"
    TEAM = "team"
    ALL = "all"


class SavedViewSnapshot(Snapshot):
    """State of a view: how somebody wants to see a list."""

    name: str
    resource: str = Field(description="The list, such as `customers`.")
    filter: str | None = Field(description="A condition in CEL on what is listed.")
    sort: str | None
    columns: tuple[str, ...] = Field(description="Members that are shown; empty for all.")
    sharing: Sharing
    author_id: UUID
    author_team_id: UUID | None


class SavedViewEvent(DomainEvent[SavedViewSnapshot]):
    """Base of the events about views."""

    topic = "crm.saved_view.v1"
    aggregate_type = "saved_view"


class SavedViewCreated(SavedViewEvent):
    """Somebody saved a view."""

    type = "saved_view.created"


class SavedViewUpdated(SavedViewEvent):
    """A view shows something else, or is shared with others."""

    type = "saved_view.updated"


class SavedViewDeleted(SavedViewEvent):
    """A view is no more; the state is the last one."""

    type = "saved_view.deleted"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (SavedViewCreated, SavedViewUpdated, SavedViewDeleted)
