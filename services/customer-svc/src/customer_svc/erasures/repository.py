"""Queries of the erasures beyond load, insert and update."""

from datetime import datetime
from typing import Final
from uuid import UUID

from crm_platform.db import Connection

_LATE: Final = """
SELECT id FROM erasures WHERE status = 'running' AND deadline <= $1 AND NOT overdue ORDER BY deadline LIMIT $2
"""


async def late(connection: Connection, moment: datetime, *, limit: int) -> list[UUID]:
    """Erasures whose deadline is over, and of which nobody was told."""
    return [row[0] for row in await connection.fetch(_LATE, moment, limit)]
