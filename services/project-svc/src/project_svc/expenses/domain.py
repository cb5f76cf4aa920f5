"""Rules of expenses."""

from datetime import date, datetime
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.execution.v1 import ExpenseStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.expenses.errors import OwnExpense

NOUN = Words("expense", "费用")

LIFE_CYCLE: StateMachine[ExpenseStatus] = StateMachine(
    what=NOUN,
    initial=ExpenseStatus.SUBMITTED,
    transitions={
        (ExpenseStatus.SUBMITTED, "approve"): ExpenseStatus.APPROVED,
        (ExpenseStatus.SUBMITTED, "reject"): ExpenseStatus.REJECTED,
    },
)


class Expense(OwnedState):
    """Money that somebody spent for a project; it counts when it is approved."""

    project_id: UUID
    task_id: UUID | None = None
    incurred_on: date
    amount: Money
    category: str
    description: str | None = None
    status: ExpenseStatus = LIFE_CYCLE.initial
    decided_at: datetime | None = None
    decided_by: str | None = None

    def decided(self, action: str, *, at: datetime, by: str) -> "Expense":
        """The expense after somebody else has approved or rejected it.

        Raises:
            OwnExpense: It is whoever decides who has spent it.
            InvalidTransition: It was decided before.
        """
        if by == self.created_by:
            raise OwnExpense
        return self.with_(status=LIFE_CYCLE.after(self.status, action), decided_at=at, decided_by=by)
