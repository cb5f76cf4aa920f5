"""Who may be the same as the new rows of a portion: told before its turn as far as possible, and else in it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from crm_contracts.imports.v1 import ImportMapping
from crm_platform.context import Caller, Cause
from crm_platform.db import Connection
from crm_platform.uow import UnitOfWork
from customer_svc.customers.domain import Customer
from customer_svc.duplicates.service import Judged, Packed
from customer_svc.imports.portions.finding import looked_up
from customer_svc.imports.repository import last_row, written_since
from customer_svc.imports.rows.drafts import Draft
from customer_svc.imports.rows.looked import Look, Looked, alike_of
from customer_svc.imports.rows.plans import Alike
from customer_svc.imports.rows.reading import Portion, Stretch, portion
from customer_svc.intake import customers
from customer_svc.trials import service as trials


async def portion_ahead(
    connection: Connection, caller: Caller, operation_id: UUID, stretch: Stretch, dry: bool
) -> Portion:
    """Rows of a file, and who may be the same as they: among themselves, and unless ``dry`` among the customers.

    Whom the rows before would have entered, a dry run knows in its turn alone.
    """
    found = portion(*stretch)
    if found.drafts:
        unit = UnitOfWork(connection, caller, Cause(actor=caller.actor))
        among = await _among(unit, found.drafts)
        found.looked = Looked(caller, among)
        if not dry:
            behind = await last_row(connection, operation_id)
            found.looked = Looked(caller, among, behind, await _looked(unit, stretch.mapping, found.drafts))
    return found


async def _among(unit: UnitOfWork, drafts: Sequence[Draft]) -> dict[UUID, Sequence[Alike]]:
    said = [draft.customer for draft in drafts if draft.customer is not None]
    told = await customers.alike_among(unit, said)
    return {one.id: tuple(map(alike_of, found)) for one, found in zip(said, told, strict=True) if found}


async def _looked(unit: UnitOfWork, mapping: ImportMapping, drafts: Sequence[Draft]) -> dict[int, Look]:
    matching = await looked_up(unit, mapping, drafts, None)
    new = {
        draft.number: draft.customer
        for draft in drafts
        if draft.customer is not None
        and draft.has_name
        and not draft.problems
        # What contradicts is not looked at here: where it says that the row is new after all, its turn asks.
        and not matching.is_known(draft)
    }
    judged = await customers.judged_ahead(unit, list(new.values()))
    return {row: _look(unit, new[row], one) for row, one in zip(new, judged, strict=True)}


def _look(unit: UnitOfWork, customer: Customer, judged: Judged) -> Look:
    alike = alike_of(judged.told[0]) if judged.told else None
    filed = Packed.of(customers.keys_to_file(unit, customer))
    return Look(alike, judged.compared, Packed.of(judged.keys), filed)


async def likes_of(
    unit: UnitOfWork, operation_id: UUID, new: Mapping[int, Customer], looked: Looked, *, dry: bool
) -> dict[int, Alike]:
    """The customer who is probably the same as each of the ``new`` rows, where there is one."""
    known = await _still_true(unit, operation_id, new, looked)
    unknown = {row: customer for row, customer in new.items() if row not in known}
    trial = trials.going_on(unit, operation_id) if dry else None
    told = await customers.alike_of_each(unit, list(unknown.values()), trial) if unknown else []
    asked = {row: alike_of(found[0]) for row, found in zip(unknown, told, strict=True) if found}
    return {row: alike for row in new if (alike := asked.get(row) or known.get(row)) is not None}


async def _still_true(
    unit: UnitOfWork, operation_id: UUID, new: Mapping[int, Customer], looked: Looked
) -> dict[int, Alike | None]:
    """What was told before, of the rows of which nothing that was written since could make anything else."""
    told = {row: looked.rows[row] for row in new if row in looked.rows}
    for row, look in told.items():
        customers.note_keys_to_file(unit, new[row], look.filed.opened())
    if not told or looked.caller != unit.caller:
        return {}
    written = await written_since(unit.connection, operation_id, looked.behind)
    wanted = {row: look.wanted.opened() for row, look in told.items()}
    telling = await customers.keys_telling(unit, written, wanted.values())
    return {
        row: look.alike
        for row, look in told.items()
        if written.isdisjoint(look.compared) and wanted[row].isdisjoint(telling)
    }
