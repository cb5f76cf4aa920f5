"""Queries of the issues beyond load, insert and update."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, select

from crm_contracts.execution.v1 import IssueSeverity, IssueStatus
from crm_platform.db import Connection, Query
from project_svc.issues.models import issues

_OPEN = Query(
    select(issues.c.project_id, issues.c.severity, func.count())
    .where(
        issues.c.project_id == bindparam("project_ids", type_=ARRAY(Uuid)).any_(),
        issues.c.status != IssueStatus.RESOLVED.value,
        issues.c.status != IssueStatus.CLOSED.value,
    )
    .group_by(issues.c.project_id, issues.c.severity)
)


async def counts_open(connection: Connection, project_ids: Sequence[UUID]) -> dict[UUID, dict[IssueSeverity, int]]:
    """How many issues of projects are not resolved, by project and severity."""
    found: dict[UUID, dict[IssueSeverity, int]] = {}
    for id, severity, number in await connection.fetch(_OPEN.text, *_OPEN.args(project_ids=list(project_ids))):
        found.setdefault(id, {})[IssueSeverity(severity)] = number
    return found
