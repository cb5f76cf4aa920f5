"""Route of outcome reports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.clock import utc_now
from crm_platform.http.context import context_of
from crm_platform.http.dependencies import ReaderDep
from crm_platform.http.route import reads, service_router
from project_svc.outcome_reports import service
from project_svc.outcome_reports.schemas import ReportFormat

router = service_router("Outcomes")

_MEDIA = {ReportFormat.HTML: "text/html; charset=utf-8", ReportFormat.PDF: "application/pdf"}
_CONTENT: dict[str, Any] = {
    "text/html": {"schema": {"type": "string"}},
    "application/pdf": {"schema": {"type": "string", "format": "binary"}},
}
_REPORT: dict[int | str, dict[str, Any]] = {200: {"description": "The report.", "content": _CONTENT}}
_HEADERS = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
}


@router.get(
    "/projects/{project_id}/outcome-report", response_class=Response, responses=_REPORT, **reads("outcomes:read")
)
async def get_outcome_report(
    project_id: UUID,
    request: Request,
    reader: ReaderDep,
    format: Annotated[ReportFormat, Query(description="HTML stands by itself; PDF is PDF/A.")] = ReportFormat.HTML,
) -> Response:
    """The outcomes of a project, what the customer says, and what was accepted, for the customer to read.

    It is in the language that `Accept-Language` asks for, English or Chinese.
    """
    language = context_of(request).language
    content = await service.outcome_report(reader, project_id, format, language=language, now=utc_now())
    name = f'inline; filename="outcomes-{project_id}.{format.value}"'
    return Response(content, headers=_HEADERS | {"content-disposition": name}, media_type=_MEDIA[format])
