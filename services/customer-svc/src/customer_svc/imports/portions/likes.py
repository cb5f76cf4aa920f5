"""Who may be the same as the new rows of a portion: told before its turn as far as possible, and else in it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from crm_contracts.imports.v1 import ImportMapping, ImportMode, LikenessHandling
from crm_platform.context import Caller, Cause
from crm_platform.db import Connection
from crm_platform.uow import UnitOfWork
from customer_svc.customers.domain import Customer
from customer_svc.imports.portions.finding import looked_up
from customer_svc.imports.repository import last_row, written_since
from customer_svc.imports.rows.drafts import Draft
from customer_svc.imports.rows.looked import Look, Looked, alike_of
from customer_svc.imports.rows.plans import Alike
from customer_svc.imports.rows.reading import Portion, Stretch, portion
from customer_svc.intake import customers
from customer_svc.trials import service as trials


async def portion_ahead(connection: Connection, caller: Caller, operation_id: UUID, stretch: Stretch) -> Portion:
    """Rows of a file, and who may be the same as those that are probably new."""
    found, mapping = portion(*stretch), stretch.mapping
    if found.drafts and mapping.alike is not LikenessHandling.IGNORE and mapping.mode is not ImportMode.UPDATE:
        unit = UnitOfWork(connection, caller, Cause(actor=caller.actor))
        found.looked = await _looked(unit, operation_id, mapping, found.drafts)
    return found


async def _looked(unit: UnitOfWork, operation_id: UUID, mapping: ImportMapping, drafts: Sequence[Draft]) -> Looked:
    behind = await last_row(unit.connection, operation_id)
    matching = await looked_up(unit, mapping, drafts, None)
    new = {
        draft.number: draft.customer
        for draft in drafts
        if draft.customer is not None
        and draft.has_name
        and not draft.problems
        # What contradicts is not looked at here: where it says that the row is new after all, its turn asks.
        and not matching.match(draft, lambda _: None).ids
    }
    judged = await customers.judged_ahead(unit, list(new.values()))
    return Looked(unit.caller, behind, dict(zip(new, map(Look.of, judged), strict=True)))


async def likes_of(
    unit: UnitOfWork, operation_id: UUID, new: Mapping[int, Customer], looked: Looked | None, *, dry: bool
) -> dict[int, Alike]:
    """The customer who is probably the same as each of the ``new`` rows, where there is one."""
    known = await _still_true(unit, operation_id, new, looked) if looked is not None and not dry else {}
    unknown = {number: customer for number, customer in new.items() if number not in known}
    trial = trials.going_on(unit, operation_id) if dry else None
    told = await customers.alike_of_each(unit, list(unknown.values()), trial) if unknown else []
    asked = {number: alike_of(found[0]) for number, found in zip(unknown, told, strict=True) if found}
    return {number: alike for number in new if (alike := asked.get(number) or known.get(number)) is not None}


async def _still_true(
    unit: UnitOfWork, operation_id: UUID, new: Mapping[int, Customer], looked: Looked
) -> dict[int, Alike | None]:
    """What was told before, of the rows of which nothing that was written since could make anything else."""
    if looked.caller != unit.caller:
        return {}
    told = {number: look for number in new if (look := looked.rows.get(number)) is not None}
    written = await written_since(unit.connection, operation_id, looked.behind)
    disturbed = await customers.disturbed(unit, [new[number] for number in told], written)
    return {
        number: look.alike
        for (number, look), stirred in zip(told.items(), disturbed, strict=True)
        if not stirred and written.isdisjoint(look.compared)
    }
