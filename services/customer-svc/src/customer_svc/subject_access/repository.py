"""What was collected for requests, and queries of the requests beyond load, insert and update."""

from datetime import datetime
from typing import Final
from uuid import UUID

from crm_platform.db import Connection

_KEEP_KEY: Final = "INSERT INTO subject_access_keys (request_id, sealed) VALUES ($1, $2)"
_KEY: Final = "SELECT sealed FROM subject_access_keys WHERE request_id = $1"
_KEEP_PAGE: Final = """
INSERT INTO subject_access_pages (request_id, service, page, content) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
_NUMBER: Final = "SELECT count(*) FROM subject_access_pages WHERE request_id = $1 AND service = $2"
_PAGES: Final = """
SELECT service, page, content FROM subject_access_pages WHERE request_id = $1 ORDER BY service, page
"""
_DROP_KEY: Final = "DELETE FROM subject_access_keys WHERE request_id = $1"
_DROP_PAGES: Final = "DELETE FROM subject_access_pages WHERE request_id = $1"
_LATE: Final = """
SELECT id FROM subject_access_requests WHERE status = 'running' AND asked_at <= $1 AND expires_at > $2
ORDER BY asked_at LIMIT $3
"""
_OVER: Final = """
SELECT id FROM subject_access_requests WHERE status IN ('running', 'ready') AND expires_at <= $1
ORDER BY expires_at LIMIT $2
"""


async def keep_key(connection: Connection, request_id: UUID, sealed: bytes) -> None:
    """Keep the private key of a request."""
    await connection.execute(_KEEP_KEY, request_id, sealed)


async def key_of(connection: Connection, request_id: UUID) -> bytes | None:
    """The private key of a request, as it was sealed; None once it is destroyed."""
    key: bytes | None = await connection.fetchval(_KEY, request_id)
    return key


async def keep_page(connection: Connection, request_id: UUID, service: str, page: int, content: str) -> int:
    """Keep a page of an answer; returns how many of this service there are now. Again is no matter."""
    await connection.execute(_KEEP_PAGE, request_id, service, page, content)
    number: int = await connection.fetchval(_NUMBER, request_id, service)
    return number


async def pages_of(connection: Connection, request_id: UUID) -> list[tuple[str, int, str]]:
    """All pages: service, number, and sealed content; in order."""
    return [(row[0], row[1], row[2]) for row in await connection.fetch(_PAGES, request_id)]


async def destroy(connection: Connection, request_id: UUID) -> None:
    """Destroy the private key of a request, and with it what was told, here and on its way."""
    await connection.execute(_DROP_KEY, request_id)
    await connection.execute(_DROP_PAGES, request_id)


async def late(connection: Connection, asked_before: datetime, moment: datetime, *, limit: int) -> list[UUID]:
    """Requests that services have not answered, although they were asked long ago."""
    return [row[0] for row in await connection.fetch(_LATE, asked_before, moment, limit)]


async def over(connection: Connection, moment: datetime, *, limit: int) -> list[UUID]:
    """Requests whose time is over."""
    return [row[0] for row in await connection.fetch(_OVER, moment, limit)]
