"""Routes of progress reports."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.progress import service
from project_svc.progress.models import PROGRESS_REPORTS
from project_svc.progress.schemas import ProgressReportCreate, ProgressReportRead

router = service_router("Execution")


@router.get(
    "/progress-reports",
    response_model=Page[ProgressReportRead],
    **reads("projects:read", lists=PROGRESS_REPORTS.resource),
)
async def list_progress_reports(request: Request, reader: ReaderDep) -> Response:
    """List the progress reports that the caller may see; filter by `project_id` or `task_id` for one's."""
    return listed(await reader.page(PROGRESS_REPORTS.resource, page_params(request, PROGRESS_REPORTS.resource)))


@router.post("/progress-reports", response_model=ProgressReportRead, **writes("projects:write", creates=True))
async def report_progress(body: ProgressReportCreate, unit: UnitOfWorkDep) -> Response:
    """Report how far a task is, or was; publishes `progress.reported`.

    The task takes over what its latest report says, and the dates of the plan follow (`task.updated`, `plan.changed`).
    Reports stay as they are: what was earned at some time is what the last report until then said. Who was wrong
    reports again as of the same time.
    """
    return created(await service.report_progress(unit, body), "/v1/progress-reports")


@router.get("/progress-reports/{report_id}", response_model=ProgressReportRead, **reads("projects:read"))
async def get_progress_report(report_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one progress report."""
    return shown(request, await reader.get(PROGRESS_REPORTS.resource, report_id))
