"""Custom fields of rows: read by the definitions of this moment, and held against them before anything is written."""

from collections.abc import Sequence

from crm_contracts.imports.v1 import BadCells, ImportMapping
from crm_platform.errors import DomainError
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from customer_svc.imports.rows.drafts import CellProblem, Draft
from customer_svc.imports.rows.plans import Outcome, Plan, fail
from customer_svc.intake import customers
from customer_svc.trials.service import Left


async def read_custom(unit: UnitOfWork, mapping: ImportMapping, drafts: Sequence[Draft]) -> None:
    """Make values of the cells of custom fields; what they cannot be is a problem of the row, or left out."""
    texts = [draft for draft in drafts if draft.customer is not None and draft.customer.custom]
    if not texts:
        return
    read = await customers.custom_reader(unit)
    columns = {one.field: one.column for one in mapping.columns}
    for draft in texts:
        if draft.customer is None:
            continue
        values, refused = read(draft.customer.custom)
        draft.customer = draft.customer.with_(custom=values)
        problems = [
            CellProblem(columns.get(f"custom.{key}"), one.code, Words(f"custom.{key}", f"custom.{key}"), one.words)
            for key, one in refused
        ]
        (draft.left_out if mapping.bad_cells is BadCells.LEAVE_OUT else draft.problems).extend(problems)


async def refuse_custom(unit: UnitOfWork, plans: Sequence[Plan], trial: Left | None) -> None:
    """Refuse rows whose customers would break rules of custom fields, such as required and unique ones.

    In a dry run those count whom the rows before would have entered, which are in the ``trial``.
    """
    written = [plan for plan in plans if plan.outcome in {Outcome.CREATED, Outcome.UPDATED} and plan.after is not None]
    pairs = [(plan.before if plan.outcome is Outcome.UPDATED else None, plan.after) for plan in written]
    found = await customers.custom_problems(
        unit, [(before, after) for before, after in pairs if after is not None], trial
    )
    for plan, problem in zip(written, found, strict=True):
        if isinstance(problem, DomainError):
            fail(plan, problem)
