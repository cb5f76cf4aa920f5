"""Large exports: written by a worker, kept for a while."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from crm_platform.clock import utc_now
from crm_platform.files.writing import Record, streamed
from crm_platform.operations.errors import RequesterGone
from crm_platform.operations.kinds import Ahead, Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.reads import Reader
from crm_platform.words import Words
from customer_svc.disclosures import service as disclosures
from customer_svc.erasures import service as erasures
from customer_svc.exports import service
from customer_svc.exports.schemas import ExportCreate
from customer_svc.exports.table.columns import Exported

KEPT: Final = timedelta(days=7)
"""How long files of exports are kept; a file with an erased person in it goes with the next sweep."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A part of the rows, kept beside the file that is to be.

    Attributes:
        ids: Of the customers in it.
        cursor: Where the list goes on; None at its end.
        total: How many there are altogether, as far as that is known.
    """

    ids: Sequence[UUID]
    cursor: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class _Written:
    """The file, as it is kept, and what stands in its columns."""

    bytes: int
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Outdated:
    """Somebody was erased since the rows were read: they are read anew."""


_Prepared = _Read | _Written | _Outdated


def _start() -> dict[str, Any]:
    return {"parts": 0, "list": None, "complete": False, "since": utc_now().isoformat()}


async def _prepare(ahead: Ahead[ExportCreate]) -> tuple[dict[str, Any], _Prepared]:
    """Read the next part of the rows, or make the file of all parts; what was read before stays read.

    Returns:
        The cursor from which it began, and what came of it.
    """
    cursor = ahead.cursor or _start()
    if not cursor["complete"]:
        return cursor, await _read(ahead, cursor)
    written = await _write(ahead, cursor["parts"])
    if await _erased_since(ahead, cursor["since"]):
        await ahead.objects.delete(ahead.tenant_id, service.object_name(ahead.id))
        return cursor, _Outdated()
    columns = await service.checked_columns(_reader(ahead), ahead.input)
    return cursor, _Written(written, [one.name for one in columns])


async def _erased_since(ahead: Ahead[ExportCreate], moment: str) -> bool:
    async with ahead.database.read(ahead.tenant_id) as connection:
        return bool(await erasures.erased_since(connection, datetime.fromisoformat(moment)))


async def _read(ahead: Ahead[ExportCreate], cursor: dict[str, Any]) -> _Read:
    reader, is_first = _reader(ahead), cursor["parts"] == 0
    page = await service.page(reader, ahead.input, cursor["list"], count=is_first)
    name = service.part_name(ahead.id, cursor["parts"] + 1)
    await ahead.objects.put(ahead.tenant_id, name, _lines(page["items"]))
    total = page["count"]["value"] if is_first else None
    return _Read(service.ids_of(page["items"]), page["next_cursor"], total)


def _reader(ahead: Ahead[ExportCreate]) -> Reader:
    """Reads as whoever asked.

    Raises:
        RequesterGone: They have no rights any more.
    """
    if ahead.caller is None:
        raise RequesterGone
    return Reader(ahead.database, ahead.caller)


async def _lines(items: Sequence[Any]) -> AsyncIterator[bytes]:
    yield b"".join(orjson.dumps(item) + b"\n" for item in items)


async def _write(ahead: Ahead[ExportCreate], parts: int) -> int:
    """Write the file of the parts, and forget these; returns its bytes. Done again, it finds what was done.

    Raises:
        NoSuchFile: A part is not kept any more.
    """
    tenant, name = ahead.tenant_id, service.object_name(ahead.id)
    if name not in await ahead.objects.names(tenant, "exports"):
        reader = _reader(ahead)
        columns = await service.checked_columns(reader, ahead.input)
        writer = service.writer_for(reader, ahead.input, columns)
        content = streamed(writer, _records(ahead, parts, columns))
        await ahead.objects.put(tenant, name, content)
    for number in range(1, parts + 1):
        await ahead.objects.delete(tenant, service.part_name(ahead.id, number))
    return await ahead.objects.size(tenant, name)


async def _records(
    ahead: Ahead[ExportCreate], parts: int, columns: Sequence[Exported]
) -> AsyncIterator[Sequence[Record]]:
    for number in range(1, parts + 1):
        name = service.part_name(ahead.id, number)
        content = b"".join([piece async for piece in ahead.objects.get(ahead.tenant_id, name)])
        items = [orjson.loads(line) for line in content.splitlines()]
        yield await service.records_of(ahead.database, _reader(ahead).caller, items, columns)


async def _step(step: Step[ExportCreate]) -> Next:
    cursor, done = step.prepared
    if isinstance(done, _Written):
        await disclosures.note_file(step.unit, step.id, done.columns)
        return Done({"rows": step.progress.done, "bytes": done.bytes, "file": f"/v1/exports/{step.id}/file"})
    if isinstance(done, _Outdated):
        await disclosures.forget_pages(step.unit, step.id)
        step.progress.done, step.progress.counters = 0, {}
        return More(_start())
    await disclosures.note_page(step.unit, step.id, done.ids)
    step.progress.count("exported", len(done.ids))
    if done.total is not None:
        step.progress.total = done.total
    return More(cursor | {"parts": cursor["parts"] + 1, "list": done.cursor, "complete": done.cursor is None})


async def _ended(step: Step[ExportCreate], status: OperationStatus) -> None:
    if status is not OperationStatus.SUCCEEDED:
        await disclosures.forget_pages(step.unit, step.id)


async def _sweep(ahead: Ahead[NoInput]) -> int:
    """Forget files that are old, and those that were written while somebody was there who has been erased since."""
    async with ahead.database.read(ahead.tenant_id) as connection:
        erased = await erasures.erased_since(connection, utc_now() - KEPT)
    before = max([utc_now() - KEPT, *erased.values()])
    return await ahead.objects.delete_before(ahead.tenant_id, "exports", before)


async def _swept(step: Step[NoInput]) -> Next:
    await disclosures.forget_old(step.unit)
    step.progress.count("removed", step.prepared)
    return Done()


EXPORT = OperationKind(
    name="customers.export",
    title=Words("Export of customers", "导出客户"),
    input=ExportCreate,
    prepare=_prepare,
    step=_step,
    ended=_ended,
    unit="customers",
)

CLEARING = Sweep(
    kind=OperationKind(
        name="exports.clear",
        title=Words("Removal of old files of exports", "清理过期的导出文件"),
        input=NoInput,
        prepare=_sweep,
        step=_swept,
        unit="files",
        as_system=True,
    ),
    every=timedelta(hours=1),
)
