"""Use cases of imports: give a file, map it, try it, carry it out."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from crm_contracts.imports.v1 import (
    ImportChecked,
    ImportCreated,
    ImportEnded,
    ImportMapped,
    ImportMapping,
    ImportStarted,
    ImportStatus,
    ImportUndone,
    ImportUndoStarted,
    ImportUploaded,
    MatchRule,
)
from crm_platform.cleaning.outcome import NotUnderstood
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.ids import new_id
from crm_platform.mapping.targets import Target
from crm_platform.objects.errors import NoSuchFile
from crm_platform.objects.store import Objects, Stored
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.reads import Reader, Rendered
from crm_platform.reads.field_access import levels_of, rules_for
from crm_platform.uow import ANY_VERSION, Event, UnitOfWork
from customer_svc.customers import service as customers
from customer_svc.imports.domain import Import
from customer_svc.imports.errors import MappingNotPossible, NothingReported, NotMapped
from customer_svc.imports.models import IMPORTS
from customer_svc.imports.portions.finding import having
from customer_svc.imports.rows import cells
from customer_svc.imports.rows.cells import cleaned_constants
from customer_svc.imports.rows.custom_targets import custom_targets
from customer_svc.imports.rows.drafts import Parent
from customer_svc.imports.rows.fields import FIELDS
from customer_svc.imports.rows.matching import parent_value
from customer_svc.imports.rows.reading import Inspected
from customer_svc.imports.schemas import FieldList, FieldRead

texts_of = cells.texts_of

_MANY: Final = {one.name: one.many for one in FIELDS}
_TOLD_REASONS: Final = 3


async def targets_for(connection: Connection, caller: Caller) -> tuple[Target, ...]:
    """What columns can be mapped to: also the company's custom fields, as far as the caller may change them."""
    custom = await customers.custom_fields(connection, caller.tenant_id)
    rules = rules_for(caller, customers.RESOURCE)
    return (*FIELDS, *(one for one in custom_targets(custom.fields) if not levels_of(one.name, rules)))


def fields_for(targets: Sequence[Target], language: str) -> FieldList:
    """The fields that a column can be mapped to, as people call them."""
    return FieldList(
        items=[
            FieldRead(
                name=one.name,
                label=one.labels.into(language),
                kind=one.kind.value,
                choices={key: words.into(language) for key, words in one.choices.items()},
                many=one.many,
            )
            for one in targets
        ]
    )


async def create_import(
    unit: UnitOfWork,
    file_name: str,
    *,
    id: UUID | None = None,
    stored: Stored | None = None,
    found: Inspected | None = None,
) -> Rendered:
    """Begin an import: of a file that is there already, or that will come in parts."""
    draft = Import(id=id or new_id(), file_name=file_name, owner_id=unit.caller.id, team_id=unit.caller.team_id)
    if stored is None or found is None:
        return await unit.insert(IMPORTS, draft, ImportCreated)
    return await unit.insert(IMPORTS, _uploaded(draft, stored, found), ImportCreated)


def _uploaded(before: Import, stored: Stored, found: Inspected) -> Import:
    return before.moved(
        "upload",
        format=found.format,
        size=stored.size,
        sha256=stored.sha256,
        details=found.details,
        columns=found.columns,
    )


async def load_import(unit: UnitOfWork, id: UUID) -> Import:
    """An import that the caller may work at, locked.

    Raises:
        NotFound: No such import, or not visible.
    """
    return await unit.load(IMPORTS, id, if_match=ANY_VERSION)


async def load_uploading(unit: UnitOfWork, id: UUID) -> Import:
    """An import whose file is still to come, locked.

    Raises:
        NotFound: No such import, or not visible.
        InvalidTransition: Its file is there already.
    """
    found = await load_import(unit, id)
    found.moved("upload")
    return found


async def find_import(reader: Reader, id: UUID) -> Import:
    """An import, as the caller sees it.

    Raises:
        NotFound: No such import, or not visible.
    """
    return Import.model_validate_json((await reader.get(IMPORTS.resource, id)).body)


async def check_uploading(reader: Reader, id: UUID) -> None:
    """Refuse parts for an import whose file is complete.

    Raises:
        NotFound: No such import, or not visible.
        InvalidTransition: Its file is there already.
    """
    (await find_import(reader, id)).moved("upload")


def mapping_of(found: Import) -> ImportMapping:
    """The mapping of an import.

    Raises:
        NotMapped: There is none yet.
    """
    if found.mapping is None:
        raise NotMapped(id=found.id)
    return found.mapping


def options_of(found: Import) -> dict[str, Any]:
    """How the file is read again: as it was read the first time."""
    names = ("encoding", "delimiter", "quote", "sheet")
    return {"format": found.format} | {name: found.details[name] for name in names if found.details.get(name)}


async def report_size(objects: Objects, tenant: UUID, name: str) -> int:
    """The bytes of a report.

    Raises:
        NothingReported: It is not written yet, or no longer kept.
    """
    try:
        return await objects.size(tenant, name)
    except NoSuchFile as error:
        raise NothingReported from error


async def take_upload(unit: UnitOfWork, id: UUID, stored: Stored, found: Inspected) -> None:
    """The file has come, and was looked at."""
    before = await load_import(unit, id)
    if before.status is ImportStatus.UPLOADING:
        await unit.update(IMPORTS, before, _uploaded(before, stored, found), ImportUploaded)


async def map_import(unit: UnitOfWork, id: UUID, mapping: ImportMapping, *, if_match: object) -> Rendered:
    """Say how the rows become customers.

    Raises:
        NotFound: No such import.
        PreconditionRequired: No version was given.
        VersionMismatch: The import has changed since.
        InvalidTransition: It is under way, or not uploaded yet.
        MappingNotPossible: The mapping does not fit the file or the fields.
    """
    before = await unit.load(IMPORTS, id, if_match=if_match)
    custom = await customers.custom_fields(unit.connection, unit.caller.tenant_id)
    after = before.mapped(mapping, _MANY | {f"custom.{one.key}": False for one in custom.active if not one.computed})
    try:
        cleaned_constants(mapping)
    except NotUnderstood as reason:
        raise MappingNotPossible(message=reason.words) from reason
    return await unit.update(IMPORTS, before, after, ImportMapped)


async def note_begun(unit: UnitOfWork, before: Import, action: str, operation_id: UUID) -> None:
    """An operation was begun that tries (``check``), carries out (``run``) or takes back (``undo``) the import.

    Raises:
        InvalidTransition: That is not possible now.
    """
    changes: dict[str, Mapping[str, object]] = {
        "check": {"check_id": operation_id},
        "run": {"run_ids": (*before.run_ids, operation_id), "undo_id": None},
        "undo": {"undo_id": operation_id},
    }
    await unit.update(IMPORTS, before, before.moved(action, **changes[action]), _BEGUN[action])


_BEGUN: Final[Mapping[str, Event]] = {"check": ImportChecked, "run": ImportStarted, "undo": ImportUndoStarted}
_ENDED: Final[Mapping[str, Event]] = {"run": ImportEnded, "undo": ImportUndone}


async def note_ended(
    unit: UnitOfWork, id: UUID, action: str, status: OperationStatus, counters: Mapping[str, int]
) -> None:
    """The operation that carried out or took back the import has come to its end, whatever it is."""
    before = await unit.find(IMPORTS, id)
    if before is None:
        return
    done = status is OperationStatus.SUCCEEDED
    after = before.moved("finish" if done else "stop", counters=dict(counters))
    await unit.update(IMPORTS, before, after, _ENDED[action] if done else ImportEnded)


def reported_operation(found: Import, operation_id: UUID | None) -> UUID:
    """The operation whose report is wanted: the one that is named, or the last one.

    Raises:
        NothingReported: There is none.
    """
    known = [id for id in (found.check_id, *found.run_ids, found.undo_id) if id is not None]
    if operation_id is not None and operation_id in known:
        return operation_id
    if operation_id is not None or not known:
        raise NothingReported
    return max(known)


async def customers_called(
    unit: UnitOfWork, rule: MatchRule, texts: Collection[str], *, system: str | None = None
) -> dict[str, tuple[UUID, ...]]:
    """The customers that the caller may see and that texts of a file may mean, as a rule reads them.

    Args:
        unit: The transaction.
        rule: How texts name customers: by external id, number of a register, or name.
        texts: As they stand in the file.
        system: Whose the external ids are.
    """
    values = {text: parent_value(Parent(rule, text)) for text in texts}
    wanted = {value for value in values.values() if value}
    found = await having(unit.connection, rule, wanted, system or "", unit.caller.tenant_id) if wanted else {}
    seen = await customers.look_at_customers(unit, sorted({id for ids in found.values() for id in ids}))
    return {text: tuple(id for id in found.get(value, ()) if id in seen) for text, value in values.items()}
