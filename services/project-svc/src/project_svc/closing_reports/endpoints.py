"""Routes of closing reports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.closing_reports import service
from project_svc.closing_reports.models import CLOSING_REPORTS
from project_svc.closing_reports.schemas import (
    ClosingFormat,
    ClosingReportCreate,
    ClosingReportRead,
    Refusal,
    Signing,
)
from project_svc.report_pages.formats import CONTENT, handed_out

router = service_router("Closing")

_JSON = {"application/json": {"schema": {"type": "object"}}}
_REPORT: dict[int | str, dict[str, Any]] = {200: {"description": "The report.", "content": CONTENT | _JSON}}


@router.get(
    "/closing-reports",
    response_model=Page[ClosingReportRead],
    **reads("projects:read", lists=CLOSING_REPORTS.resource),
)
async def list_closing_reports(request: Request, reader: ReaderDep) -> Response:
    """List the closing reports that the caller may see; filter by `project_id` for one project's."""
    return listed(await reader.page(CLOSING_REPORTS.resource, page_params(request, CLOSING_REPORTS.resource)))


@router.post("/closing-reports", response_model=ClosingReportRead, **writes("projects:write", creates=True))
async def submit_closing_report(body: ClosingReportCreate, unit: UnitOfWorkDep) -> Response:
    """Draw up the report of a project that is over, for others to sign; publishes `closing_report.submitted`.

    Charter and verdicts, dates, money and earned value, deliveries, gates, changes, risks, issues, outcomes, lessons
    and team are kept as they are on record now, and never change; later there can be another report.
    """
    return created(await service.submit_report(unit, body), "/v1/closing-reports")


@router.get("/closing-reports/{report_id}", response_model=ClosingReportRead, **reads("projects:read"))
async def get_closing_report(report_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show who has to sign a report, and who has."""
    return shown(request, await reader.get(CLOSING_REPORTS.resource, report_id))


@router.get(
    "/closing-reports/{report_id}/document", response_class=Response, responses=_REPORT, **reads("projects:read")
)
async def get_closing_report_document(
    report_id: UUID,
    reader: ReaderDep,
    format: Annotated[
        ClosingFormat, Query(description="HTML stands by itself; PDF is PDF/A; JSON is what was signed, to the byte.")
    ] = ClosingFormat.HTML,
) -> Response:
    """What a report says, in the language that `Accept-Language` asks for, English or Chinese."""
    content = await service.document(reader, report_id, format)
    return handed_out(content, format, name=f"closing-{report_id}")


@router.post(
    "/closing-reports/{report_id}/sign", response_model=ClosingReportRead, **writes("projects:write", versioned=True)
)
async def sign_closing_report(report_id: UUID, body: Signing, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Sign a report as one of those who have to; publishes `closing_report.signed`, or `.issued` with the last."""
    return changed(await service.sign_report(unit, report_id, if_match=if_match, comment=body.comment))


@router.post(
    "/closing-reports/{report_id}/reject", response_model=ClosingReportRead, **writes("projects:write", versioned=True)
)
async def reject_closing_report(report_id: UUID, body: Refusal, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Refuse to sign a report, which ends it; publishes `closing_report.rejected`."""
    return changed(await service.reject_report(unit, report_id, if_match=if_match, comment=body.comment))


@router.post(
    "/closing-reports/{report_id}/withdraw",
    response_model=ClosingReportRead,
    **writes("projects:write", versioned=True),
)
async def withdraw_closing_report(report_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Take a report back that not all have signed; publishes `closing_report.withdrawn`."""
    return changed(await service.withdraw_report(unit, report_id, if_match=if_match, reason=body.reason))
