"""Forgetting operations that ended long ago, with their results."""

import asyncio
from datetime import timedelta
from typing import Final

from crm_platform.db import Database

_PORTION: Final = 100
"""Operations at a time: each may have ten thousands of results."""

_REMOVE: Final = """
DELETE FROM operations WHERE id IN (
  SELECT id FROM operations WHERE finished_at < now() - $1::interval
  ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""


async def remove_old(database: Database, kept: timedelta, stop: asyncio.Event) -> int:
    """Remove operations that ended longer ago than ``kept``, portion by portion; returns how many."""
    removed = count = 0
    while not stop.is_set():
        async with database.system() as connection:
            count = int((await connection.execute(_REMOVE, kept, _PORTION)).split()[-1])
        removed += count
        if count < _PORTION:
            break
    return removed
