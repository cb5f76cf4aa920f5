"""Queries of the erasures beyond load, insert and update."""

from datetime import datetime
from typing import Final
from uuid import UUID

from crm_platform.db import Connection

_LATE: Final = """
SELECT id FROM erasures WHERE status = 'running' AND deadline <= $1 AND NOT overdue ORDER BY deadline LIMIT $2
"""

_CUSTOMERS: Final = "SELECT subject_id, created_at FROM erasures WHERE subject_kind = 'customer' AND created_at > $1"


async def customers_since(connection: Connection, moment: datetime) -> list[tuple[UUID, datetime]]:
    """The customers that were erased since a moment, and when."""
    return [(row[0], row[1]) for row in await connection.fetch(_CUSTOMERS, moment)]


async def late(connection: Connection, moment: datetime, *, limit: int) -> list[UUID]:
    """Erasures whose deadline is over, and of which nobody was told."""
    return [row[0] for row in await connection.fetch(_LATE, moment, limit)]
