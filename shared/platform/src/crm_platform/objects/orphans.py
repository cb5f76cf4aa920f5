"""Files that no record knows: whoever wrote them died before the record, or the record is gone.

A file is written before the record that names it, as the other way round a record could name nothing. So files are
left over where a process is killed in between, and where a record is removed; one sweep forgets both.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from crm_platform.clock import utc_now
from crm_platform.db import Connection
from crm_platform.operations.kinds import Ahead, Done, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words

EVERY: Final = timedelta(hours=1)
AGE: Final = timedelta(hours=1)
"""How old a file is before it counts as left over; longer than any request takes to write the record."""
_AT_ONCE: Final = 1000

Known = Callable[[Connection, Sequence[str]], Awaitable[set[str]]]
"""Those of the given files that a record names."""


def orphans(folder: str, known: Known, *, name: str, title: Words) -> Sweep:
    """The sweep that forgets files of ``folder`` that no record names, for the service's list.

    Args:
        folder: Where the files are; nothing else is in it.
        known: Tells which files records name.
        name: Of the sweep, such as ``documents.orphans``.
        title: What people call it.
    """

    async def sweep(ahead: Ahead[NoInput]) -> int:
        old = await ahead.objects.written_before(ahead.tenant_id, folder, utc_now() - AGE)
        removed = 0
        for start in range(0, len(old), _AT_ONCE):
            portion = old[start : start + _AT_ONCE]
            async with ahead.database.read(ahead.tenant_id) as connection:
                named = await known(connection, portion)
            for file in set(portion) - named:
                await ahead.objects.delete(ahead.tenant_id, file)
                removed += 1
        return removed

    async def swept(step: Step[NoInput]) -> Next:
        step.progress.count("removed", step.prepared)
        return Done()

    kind = OperationKind(name=name, title=title, input=NoInput, prepare=sweep, step=swept, unit="files", as_system=True)
    return Sweep(kind=kind, every=EVERY)
