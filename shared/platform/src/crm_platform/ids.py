"""Identifiers: UUID version 7 (RFC 9562), so that new rows sort after old ones."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new time-ordered identifier."""
    return uuid7()
