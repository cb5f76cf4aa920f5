"""Routes of expenses."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.expenses import service
from project_svc.expenses.models import EXPENSES
from project_svc.expenses.schemas import ExpenseCreate, ExpenseRead, ExpenseRefusal

router = service_router("Execution")


@router.get("/expenses", response_model=Page[ExpenseRead], **reads("projects:read", lists=EXPENSES.resource))
async def list_expenses(request: Request, reader: ReaderDep) -> Response:
    """List the expenses that the caller may see; filter by `project_id` or `status`."""
    return listed(await reader.page(EXPENSES.resource, page_params(request, EXPENSES.resource)))


@router.post("/expenses", response_model=ExpenseRead, **writes("projects:write", creates=True))
async def submit_expense(body: ExpenseCreate, unit: UnitOfWorkDep) -> Response:
    """Ask for approval of money that was spent for a project; publishes `expense.submitted`."""
    return created(await service.submit_expense(unit, body), "/v1/expenses")


@router.get("/expenses/{expense_id}", response_model=ExpenseRead, **reads("projects:read"))
async def get_expense(expense_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one expense."""
    return shown(request, await reader.get(EXPENSES.resource, expense_id))


@router.post("/expenses/{expense_id}/approve", response_model=ExpenseRead, **writes("projects:write", versioned=True))
async def approve_expense(expense_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Approve somebody else's expense; publishes `project_cost.recorded` and `expense.approved`."""
    return changed(await service.approve_expense(unit, expense_id, if_match=if_match, reason=body.reason))


@router.post("/expenses/{expense_id}/reject", response_model=ExpenseRead, **writes("projects:write", versioned=True))
async def reject_expense(expense_id: UUID, body: ExpenseRefusal, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Reject somebody else's expense, with a reason; publishes `expense.rejected`."""
    return changed(await service.reject_expense(unit, expense_id, if_match=if_match, reason=body.reason))
