"""What clients send; the rest is the platform's."""

from typing import Literal

from pydantic import Field

from crm_platform.custom_fields.schemas import CustomFieldCreate

Records = Literal["customers"]


class CustomerFieldCreate(CustomFieldCreate):
    """A new field of records of this service."""

    resource: Records = Field(description="The records that get it.")
