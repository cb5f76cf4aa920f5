"""Long work on imports: taking a large upload, the dry run, the run, and taking it back."""

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import anyio.to_thread
from pydantic import BaseModel

from crm_contracts.imports.v1 import ImportMapping, ImportMode, LikenessHandling
from crm_platform.clock import utc_now
from crm_platform.files.formats import open_rows
from crm_platform.files.problems import UnreadableFile
from crm_platform.files.rows import BEGINNING
from crm_platform.files.text_writers import CsvWriter
from crm_platform.files.writing import Record, streamed
from crm_platform.objects.store import Stored
from crm_platform.objects.uploads import join_parts
from crm_platform.operations.errors import RequesterGone
from crm_platform.operations.kinds import Ahead, Done, More, Next, NoInput, OperationKind, Result, Step, Sweep
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.words import Words
from customer_svc.erasures import service as erasures
from customer_svc.imports import repository, service
from customer_svc.imports.portions.importing import forget_portions, import_portion
from customer_svc.imports.portions.likes import portion_ahead
from customer_svc.imports.portions.telling import report_page
from customer_svc.imports.portions.undoing import undo_portion
from customer_svc.imports.rows.reading import Inspected, Portion, Stretch, inspected, portion, read_options
from customer_svc.imports.rows.reports import (
    REPORT,
    columns_of,
    is_to_correct,
    next_rows,
    reason_of,
    report_line,
    writer_for,
)

ROWS: Final = 500
"""Rows of one step."""
_PAGE: Final = 1000
KEPT: Final = timedelta(days=30)
"""How long files are kept after they were written; the results of operations are kept as long."""


class Taking(BaseModel):
    """An upload whose parts are all there."""

    import_id: UUID
    parts: int


class Order(BaseModel):
    """A file, and how its rows become customers."""

    import_id: UUID
    file_name: str
    options: dict[str, Any]
    mapping: ImportMapping


class Undoing(BaseModel):
    """Which runs of an import are taken back, the last one first."""

    import_id: UUID
    file_name: str
    run_ids: tuple[UUID, ...]


def source_name(import_id: UUID) -> str:
    """Under which name the file of an import is kept."""
    return f"imports/{import_id}/source"


def report_name(import_id: UUID, operation_id: UUID, what: str) -> str:
    """Under which name a report (``report`` or ``errors``) of an operation is kept."""
    return f"imports/{import_id}/{operation_id}-{what}"


@dataclass(frozen=True, slots=True)
class _Taken:
    stored: Stored
    found: Inspected


async def _join(ahead: Ahead[Taking]) -> _Taken:
    name = source_name(ahead.input.import_id)
    stored = await join_parts(ahead.objects, ahead.tenant_id, name, count=ahead.input.parts)
    path = await ahead.objects.path(ahead.tenant_id, name)
    if ahead.caller is None:
        raise RequesterGone
    async with ahead.database.read(ahead.tenant_id) as connection:
        targets = await service.targets_for(connection, ahead.caller)
    return _Taken(stored, await anyio.to_thread.run_sync(inspected, str(path), {}, targets))


async def _take(step: Step[Taking]) -> Next:
    taken: _Taken = step.prepared
    await service.take_upload(step.unit, step.input.import_id, taken.stored, taken.found)
    return Done({"size": taken.stored.size, "columns": len(taken.found.columns)})


async def _prepare(ahead: Ahead[Order], *, dry: bool) -> Portion | dict[str, int]:
    """The next rows, read and cleaned in another process; at the end the files of the report."""
    cursor = ahead.cursor or {}
    if cursor.get("rows_done"):
        return await _write_reports(ahead)
    order = ahead.input
    path = await ahead.objects.path(ahead.tenant_id, source_name(order.import_id))
    stretch = Stretch(str(path), order.options, order.mapping, cursor.get("mark"), ROWS)
    if ahead.caller is None:
        raise RequesterGone
    if order.mapping.alike is LikenessHandling.IGNORE or order.mapping.mode is ImportMode.UPDATE:
        found = await ahead.compute(portion, *stretch)
    else:
        found = await ahead.look(portion_ahead, ahead.caller, ahead.id, stretch, dry)
    if found.unreadable is not None:
        problem = found.unreadable
        raise UnreadableFile(problem.code, problem.place, **problem.params)
    return found


async def _step(step: Step[Order], *, dry: bool) -> Next:
    if isinstance(step.prepared, dict):
        return Done(step.prepared)
    found: Portion = step.prepared
    reason = f"import of {step.input.file_name}"
    results = await import_portion(step.unit, step.id, step.input.mapping, found, dry=dry, reason=reason)
    await step.record(results)
    return More({"rows_done": True} if found.is_last else _behind(found))


def _behind(found: Portion) -> dict[str, Any]:
    return {"mark": found.mark}


def _foreseen(prepared: Portion | dict[str, int]) -> dict[str, Any] | None:
    """Where the next portion begins; the report is about what was written, and cannot be begun before."""
    return None if isinstance(prepared, dict) or prepared.is_last else _behind(prepared)


async def _run_ended(step: Step[Order], status: OperationStatus) -> None:
    await forget_portions(step.unit, step.id)
    await service.note_ended(step.unit, step.input.import_id, "run", status, step.progress.counters)


async def _check_ended(step: Step[Order], _: OperationStatus) -> None:
    await forget_portions(step.unit, step.id)


async def _write_reports(ahead: Ahead[Order]) -> dict[str, int]:
    """The report of all rows, and the file of those to be corrected; written anew if the step is done again."""
    name = partial(report_name, ahead.input.import_id, ahead.id)
    report = streamed(CsvWriter(REPORT), _report_lines(ahead))
    await ahead.objects.put(ahead.tenant_id, name("report"), report)
    path = await ahead.objects.path(ahead.tenant_id, source_name(ahead.input.import_id))
    counted = {"errors": 0}
    with ExitStack() as stack:
        opened = open_rows(path, read_options(ahead.input.options))
        rows = await anyio.to_thread.run_sync(stack.enter_context, opened)
        columns = columns_of(rows, [one.column for one in ahead.input.mapping.columns], _language(ahead))

        async def lines() -> AsyncIterator[Sequence[Record]]:
            stream = rows.read(BEGINNING)
            async for page in _pages(ahead):
                wrong = (row for row, _ in page if is_to_correct(row["outcome"], row["problem"]))
                reasons = {row["number"]: reason_of(row["problem"]) for row in wrong}
                found = await anyio.to_thread.run_sync(next_rows, rows, stream, reasons)
                counted["errors"] += len(found)
                yield found

        await ahead.objects.put(ahead.tenant_id, name("errors"), streamed(writer_for(rows, columns), lines()))
    return counted


async def _report_lines(ahead: Ahead[Order]) -> AsyncIterator[Sequence[Record]]:
    async for page in _pages(ahead):
        yield [report_line(row, changes) for row, changes in page]


async def _pages(ahead: Ahead[Order]) -> AsyncIterator[list[Any]]:
    after = 0
    while True:
        async with ahead.database.read(ahead.tenant_id) as connection:
            page = await report_page(connection, ahead.tenant_id, ahead.caller, ahead.id, after=after, limit=_PAGE)
        if not page:
            return
        yield page
        after = page[-1][0]["number"]


def _language(ahead: Ahead[Any]) -> str:
    return ahead.caller.language if ahead.caller is not None else "en"


async def _undo(step: Step[Undoing]) -> Next:
    cursor = step.cursor or {"run": 0, "above": _ALL}
    runs = step.input.run_ids
    reason = f"import of {step.input.file_name} taken back"
    last, results = await undo_portion(
        step.unit, runs[cursor["run"]], cursor.get("above", _ALL), limit=_UNDONE, reason=reason
    )
    await step.record(_numbered(results, step.progress.done))
    if last is not None:
        return More({"run": cursor["run"], "above": last})
    following = cursor["run"] + 1
    return More({"run": following, "above": _ALL}) if following < len(runs) else Done(dict(step.progress.counters))


_UNDONE: Final = 500
_ALL: Final = 2**62
"""Above the number of any row."""


def _numbered(results: Sequence[Result], done: int) -> list[Result]:
    """The results under numbers of this operation: a row of a file occurs in each run."""
    return [replace(result, number=place) for place, result in enumerate(results, done + 1)]


async def _undo_ended(step: Step[Undoing], status: OperationStatus) -> None:
    await service.note_ended(step.unit, step.input.import_id, "undo", status, step.progress.counters)


async def _sweep_files(ahead: Ahead[NoInput]) -> int:
    """Forget files that are old, and those of imports that were about somebody who has been erased since."""
    objects, tenant = ahead.objects, ahead.tenant_id
    removed = await objects.delete_before(tenant, "imports", utc_now() - KEPT)
    async with ahead.database.read(tenant) as connection:
        erased = await erasures.erased_since(connection, utc_now() - KEPT)
        about = await repository.imports_about(connection, erased)
    for import_id, since in about.items():
        removed += await objects.delete_before(tenant, f"imports/{import_id}", since)
    return removed


async def _swept(step: Step[NoInput]) -> Next:
    step.progress.count("removed", step.prepared)
    return Done()


TAKE = OperationKind(
    name="imports.take",
    title=Words("Taking in a file", "接收文件"),
    input=Taking,
    prepare=_join,
    step=_take,
    unit="files",
    cancellable=False,
)
CHECK = OperationKind(
    name="imports.check",
    title=Words("Dry run of an import", "导入试运行"),
    input=Order,
    prepare=partial(_prepare, dry=True),
    foresee=_foreseen,
    step=partial(_step, dry=True),
    ended=_check_ended,
    unit="rows",
)
RUN = OperationKind(
    name="imports.run",
    title=Words("Import", "导入"),
    input=Order,
    prepare=partial(_prepare, dry=False),
    foresee=_foreseen,
    step=partial(_step, dry=False),
    ended=_run_ended,
    unit="rows",
)
UNDO = OperationKind(
    name="imports.undo",
    title=Words("Taking back an import", "撤销导入"),
    input=Undoing,
    step=_undo,
    ended=_undo_ended,
    unit="rows",
)
KINDS = (TAKE, CHECK, RUN, UNDO)

CLEARING = Sweep(
    kind=OperationKind(
        name="imports.clear",
        title=Words("Removal of old files of imports", "清理过期的导入文件"),
        input=NoInput,
        prepare=_sweep_files,
        step=_swept,
        unit="files",
        as_system=True,
    ),
    every=timedelta(hours=1),
)
