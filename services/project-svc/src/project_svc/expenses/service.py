"""Use cases of expenses."""

from uuid import UUID

from crm_contracts.execution.v1 import CostSource, ExpenseApproved, ExpenseRejected, ExpenseSubmitted
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.costs import service as costs
from project_svc.expenses.domain import Expense
from project_svc.expenses.models import EXPENSES
from project_svc.expenses.schemas import ExpenseCreate
from project_svc.plan import service as plan
from project_svc.projects import service as projects


async def submit_expense(unit: UnitOfWork, body: ExpenseCreate) -> Rendered:
    """Ask for approval of money that was spent for a project.

    Raises:
        UnknownProject: There is none that the caller may see.
        UnknownTask: The task is not one of this project.
    """
    project = await projects.expect(unit, body.project_id)
    await plan.expect_task(unit.connection, project.id, body.task_id)
    expense = Expense(id=new_id(), owner_id=project.owner_id, team_id=project.team_id, **dict(body))
    return await unit.insert(EXPENSES, expense, ExpenseSubmitted)


async def approve_expense(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Approve an expense; it is a cost of its project from then on.

    Raises:
        OwnExpense: The caller has submitted it.
        InvalidTransition: It was decided before.
    """
    before = await unit.load(EXPENSES, id, if_match=if_match)
    after = before.decided("approve", at=unit.now, by=unit.caller.actor)
    project = await projects.expect(unit, before.project_id)
    line = costs.CostLine(
        source=CostSource.EXPENSE,
        source_ref=str(before.id),
        task_id=before.task_id,
        incurred_on=before.incurred_on,
        amount=before.amount,
        description=before.description or before.category,
    )
    await costs.record(unit, [(project, line)])
    return await unit.update(EXPENSES, before, after, ExpenseApproved, reason=reason)


async def reject_expense(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str) -> Rendered:
    """Reject an expense; raises what :func:`approve_expense` raises."""
    before = await unit.load(EXPENSES, id, if_match=if_match)
    after = before.decided("reject", at=unit.now, by=unit.caller.actor)
    return await unit.update(EXPENSES, before, after, ExpenseRejected, reason=reason)
