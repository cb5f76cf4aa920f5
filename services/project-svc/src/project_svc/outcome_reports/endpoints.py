"""Route of outcome reports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from crm_platform.clock import utc_now
from crm_platform.http.dependencies import ReaderDep
from crm_platform.http.route import reads, service_router
from project_svc.outcome_reports import service
from project_svc.report_pages.formats import CONTENT, ReportFormat, handed_out

router = service_router("Outcomes")

_REPORT: dict[int | str, dict[str, Any]] = {200: {"description": "The report.", "content": CONTENT}}


@router.get(
    "/projects/{project_id}/outcome-report", response_class=Response, responses=_REPORT, **reads("outcomes:read")
)
async def get_outcome_report(
    project_id: UUID,
    reader: ReaderDep,
    format: Annotated[ReportFormat, Query(description="HTML stands by itself; PDF is PDF/A.")] = ReportFormat.HTML,
) -> Response:
    """The outcomes of a project, what the customer says, and what was accepted, for the customer to read.

    It is in the language that `Accept-Language` asks for, English or Chinese.
    """
    content = await service.outcome_report(reader, project_id, format, now=utc_now())
    return handed_out(content, format, name=f"outcomes-{project_id}")
