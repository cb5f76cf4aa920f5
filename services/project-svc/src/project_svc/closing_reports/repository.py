"""Queries of the closing reports beyond load, insert and update."""

from typing import Final
from uuid import UUID

from crm_contracts.closing.v1 import ClosingReportStatus
from crm_platform.db import Connection

_LAST: Final = "SELECT coalesce(max(number), 0) FROM closing_reports WHERE project_id = $1"
_NUMBER: Final = "SELECT max(number) FROM closing_reports WHERE project_id = $1 AND status = $2"
_KEEP: Final = "INSERT INTO closing_report_contents (report_id, content) VALUES ($1, $2)"
_CONTENT: Final = "SELECT content FROM closing_report_contents WHERE report_id = $1"


async def last_number(connection: Connection, project_id: UUID) -> int:
    """The number of a project's latest report; 0 where there is none."""
    number: int = await connection.fetchval(_LAST, project_id)
    return number


async def number_in(connection: Connection, project_id: UUID, status: ClosingReportStatus) -> int | None:
    """The number of a project's latest report in a state; None where there is none."""
    number: int | None = await connection.fetchval(_NUMBER, project_id, status.value)
    return number


async def keep_content(connection: Connection, report_id: UUID, content: str) -> None:
    """Put on record what a new report says."""
    await connection.execute(_KEEP, report_id, content)


async def content_of(connection: Connection, report_id: UUID) -> str:
    """What a report says, as it was put on record."""
    content: str = await connection.fetchval(_CONTENT, report_id)
    return content
