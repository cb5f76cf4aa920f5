"""What clients get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field


class SessionRead(BaseModel):
    """A sign-in that somebody can go on with."""

    id: UUID
    created_at: datetime
    used_at: datetime = Field(description="When it last got a new access token.")
    expires_at: datetime
    client: str | None = Field(description="The program that signed in, by its own account.")
