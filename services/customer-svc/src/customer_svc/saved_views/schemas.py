"""What clients send; the rest is the platform's."""

from typing import Literal

from pydantic import Field

from crm_platform.saved_views.schemas import SavedViewCreate

ListName = Literal["customers", "contacts", "communications", "requirements"]


class CustomerViewCreate(SavedViewCreate):
    """A new view of a list of this service."""

    resource: ListName = Field(description="The list.")
