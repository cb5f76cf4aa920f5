"""Table of the expenses, and how they are shown, filtered and sorted."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Index, Table, Text, Uuid

from crm_contracts.execution.v1 import ExpenseSnapshot, ExpenseStatus
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.store import Aggregate
from project_svc.expenses.domain import NOUN, Expense
from project_svc.metadata import METADATA

expenses: Table = aggregate_table(
    "expenses",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("task_id", Uuid),
    Column("incurred_on", Date, nullable=False),
    *money_columns("amount", nullable=False),
    Column("category", Text, nullable=False),
    Column("description", Text),
    Column("status", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text),
    one_of("status", [status.value for status in ExpenseStatus]),
    CheckConstraint("amount_amount > 0", name="amount"),
    belongs_to("project_id", "projects"),
    Index(None, "tenant_id", "project_id", "incurred_on"),
    owned=True,
)

EXPENSES = Aggregate(
    name="expense",
    plural="expenses",
    what=NOUN,
    table=expenses,
    state=Expense,
    snapshot=ExpenseSnapshot,
    sort_by={"incurred_on": expenses.c.incurred_on},
)
