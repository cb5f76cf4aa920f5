"""Routes of timesheets."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.timesheets import service
from project_svc.timesheets.models import TIMESHEETS
from project_svc.timesheets.schemas import TimesheetCreate, TimesheetRead, TimesheetRefusal, TimesheetUpdate

router = service_router("Execution")
_CHANGES = writes("projects:write", versioned=True)


@router.get("/timesheets", response_model=Page[TimesheetRead], **reads("projects:read", lists=TIMESHEETS.resource))
async def list_timesheets(request: Request, reader: ReaderDep) -> Response:
    """List the timesheets that the caller may see: one's own, those of one's teams, or all."""
    return listed(await reader.page(TIMESHEETS.resource, page_params(request, TIMESHEETS.resource)))


@router.post("/timesheets", response_model=TimesheetRead, **writes("projects:write", creates=True))
async def create_timesheet(body: TimesheetCreate, unit: UnitOfWorkDep) -> Response:
    """Begin to record one's own work of a week; publishes `timesheet.created`. There is one a week."""
    return created(await service.create_timesheet(unit, body), "/v1/timesheets")


@router.get("/timesheets/{timesheet_id}", response_model=TimesheetRead, **reads("projects:read"))
async def get_timesheet(timesheet_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one timesheet."""
    return shown(request, await reader.get(TIMESHEETS.resource, timesheet_id))


@router.patch("/timesheets/{timesheet_id}", response_model=TimesheetRead, **_CHANGES)
async def update_timesheet(
    timesheet_id: UUID, body: TimesheetUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Put other entries in the place of those that there are, while it is a draft or was rejected."""
    return changed(await service.update_timesheet(unit, timesheet_id, body, if_match=if_match))


@router.post("/timesheets/{timesheet_id}/submit", response_model=TimesheetRead, **_CHANGES)
async def submit_timesheet(timesheet_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Ask for approval of one's own work; publishes `timesheet.submitted`."""
    return changed(await service.submit_timesheet(unit, timesheet_id, if_match=if_match, reason=body.reason))


@router.post("/timesheets/{timesheet_id}/approve", response_model=TimesheetRead, **_CHANGES)
async def approve_timesheet(timesheet_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Approve somebody else's work; publishes `project_cost.recorded` for each entry, and `timesheet.approved`.

    An entry costs its hours by the rate of its day, in the currency of its project's plan, of the resource that is this
    user.
    """
    return changed(await service.approve_timesheet(unit, timesheet_id, if_match=if_match, reason=body.reason))


@router.post("/timesheets/{timesheet_id}/reject", response_model=TimesheetRead, **_CHANGES)
async def reject_timesheet(
    timesheet_id: UUID, body: TimesheetRefusal, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Send somebody else's timesheet back, with a reason; publishes `timesheet.rejected`."""
    return changed(await service.reject_timesheet(unit, timesheet_id, if_match=if_match, reason=body.reason))
