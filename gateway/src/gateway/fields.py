"""Fields that several slices take from clients."""

from typing import Annotated

from pydantic import Field, StringConstraints

from crm_platform.http.fields import Secret

MAX_PASSWORD_LENGTH = 256
"""Longer ones would only keep the hash function busy."""

Email = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^@\s]+@[^@\s]+$", max_length=320)]
Password = Annotated[Secret, Field(max_length=MAX_PASSWORD_LENGTH)]
RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,49}$")]
Scope = Annotated[str, StringConstraints(pattern=r"^[a-z_]+:(read|write)$", max_length=64)]
