"""Large exports: written by a worker, kept for a while."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Final

from crm_platform.clock import utc_now
from crm_platform.files.writing import Record, streamed
from crm_platform.operations.errors import RequesterGone
from crm_platform.operations.kinds import Ahead, Done, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.reads import Reader
from crm_platform.words import Words
from customer_svc.exports import service
from customer_svc.exports.schemas import ExportCreate

KEPT: Final = timedelta(days=7)
"""How long files of exports are kept: they hold personal data that erasure does not reach."""


async def _write(ahead: Ahead[ExportCreate]) -> dict[str, int]:
    """Write the file; if that is interrupted, it is written anew, and is there as a whole or not at all."""
    caller, written = ahead.caller, {"rows": 0}
    if caller is None:
        raise RequesterGone
    reader = Reader(ahead.database, caller)

    async def counted() -> AsyncIterator[Sequence[Record]]:
        async for batch in service.batches(reader, ahead.input):
            written["rows"] += len(batch)
            yield batch

    content = streamed(service.writer_for(ahead.input, caller.language), counted())
    stored = await ahead.objects.put(ahead.tenant_id, service.object_name(ahead.id), content)
    return written | {"bytes": stored.size}


async def _tell(step: Step[ExportCreate]) -> Next:
    written: dict[str, int] = step.prepared
    step.progress.total = written["rows"]
    step.progress.count("exported", written["rows"])
    return Done(written | {"file": f"/v1/exports/{step.id}/file"})


async def _sweep(ahead: Ahead[NoInput]) -> int:
    return await ahead.objects.delete_before(ahead.tenant_id, "exports", utc_now() - KEPT)


async def _swept(step: Step[NoInput]) -> Next:
    step.progress.count("removed", step.prepared)
    return Done()


EXPORT = OperationKind(
    name="customers.export",
    title=Words("Export of customers", "导出客户"),
    input=ExportCreate,
    prepare=_write,
    step=_tell,
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
    every=timedelta(days=1),
)
