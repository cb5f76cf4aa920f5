"""Imports: a messy file against a large base, beside COPY of what comes of it: `make bench B=imports`.

A base of `CUSTOMERS` (100,000; a million takes twenty minutes to fill) is filled by COPY. Then a file of `ROWS`
(10,000) is imported as the service does it: three rows in ten are in the base already, half of them with slips, and
cells are as people leave them. Beside it, COPY of the file's customers into the same indexed table, which is the goal's
measure; and COPY of all that the import has written: customers and their keys, audit entries, events, results.
"""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import psutil
import structlog

from bench.importing import COLUMNS, FIELDS, HEADER, Base, messy, state_of, write_file
from bench.measure import Row, cpu_seconds, show
from bench.stage import Postgres, folder, postgres
from crm_contracts.imports.v1 import BadCells, ImportMapping, LikenessHandling, MappedColumn
from crm_platform.context import Caller, Cause
from crm_platform.db import Database
from crm_platform.ids import new_id
from crm_platform.objects.store import Objects
from crm_platform.operations.begin import begin
from crm_platform.operations.runner import Runner
from crm_platform.settings import DatabaseSettings, ObjectSettings
from crm_platform.testing.identity import caller
from crm_platform.testing.sealing import vault
from crm_platform.testing.waiting import until
from crm_platform.uow import UnitOfWork
from customer_svc.imports.models import IMPORTS
from customer_svc.imports.operations import RUN, Order, source_name
from customer_svc.imports.rows.reading import inspected
from customer_svc.imports.service import create_import, map_import, note_begun, options_of
from customer_svc.slices import SERVICE

CUSTOMERS: Final = int(os.environ.get("CUSTOMERS", "100000"))
ROWS: Final = int(os.environ.get("ROWS", "10000"))
PACKAGE: Final = "customer_svc"
_FILE: Final = "file.csv"
_OURS: Final = f"(SELECT entry_id, aggregate_id, version FROM audit_entries WHERE reason = 'import of {_FILE}')"
_NEW: Final = f"(SELECT aggregate_id FROM {_OURS} WHERE version = 1)"
WRITTEN: Final[Mapping[str, str]] = {
    "customers": f"id IN {_NEW}",
    "customer_refs": f"customer_id IN {_NEW}",
    "customer_keys": f"record_id IN {_NEW}",
    "subject_keys": f"subject_id IN {_NEW}",
    "outbox": f"event_id IN (SELECT entry_id FROM {_OURS})",
    "operation_results": "true",
    "audit_entries": f"reason = 'import of {_FILE}'",
}
"""What an import writes, by table; the audit trail last, as the others are found by it."""
_COLUMNS: Final = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = $1 AND table_name = $2 AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


class Bench:
    """One run on a base that is there."""

    def __init__(self, on: Postgres, at: Path, agent: Caller, admin: Any) -> None:
        self._on, self._at, self._agent, self._admin = on, at, agent, admin
        self.objects = Objects(ObjectSettings(url=f"file:{at}/objects"))
        self.database = Database(DatabaseSettings(url=on.urls[PACKAGE]), name="bench", vault=vault())
        self._processes = psutil.Process(), on.process

    async def rows(self) -> list[Row]:
        """Measure; the figures are CPU µs for each row of the file."""
        copied = await self._copied()
        figures = {alike: await self._imported(alike) for alike in (LikenessHandling.FLAG,)}
        again = await self._written_again()
        (ours, database, counters) = figures[LikenessHandling.FLAG]
        told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counters.items()))
        work = f"import of {ROWS:,} messy rows against {CUSTOMERS:,} customers, fuzzy check, an event each"
        return [
            self._row(work, "COPY into the same indexed table", copied, ours, f"database {database:.0f} µs; {told}"),
            self._row(work, "COPY of all that it writes", again, ours, "customers, keys, audit, events, results"),
        ]

    def _row(self, work: str, beside: str, theirs: float, ours: float, more: str) -> Row:
        figures = f"CPU {ours:.0f} µs, {theirs:.0f} µs; {more}"
        return Row(work=work, beside=beside, value=theirs / ours, must=0.25, goal=0.40, at_least=True, figures=figures)

    async def _copied(self) -> float:
        base = Base(self._admin, vault(), caller().tenant_id)
        states = [state_of(one) for one in messy(ROWS, CUSTOMERS)]
        rows = base.rows(states, {one.id: vault().new_key(new_id(), one.id) for one in states})
        before = cpu_seconds(*self._processes)
        await self._admin.copy_records_to_table("customers", records=rows, columns=COLUMNS, schema_name=PACKAGE)
        return self._since(before)

    async def _imported(self, alike: LikenessHandling) -> tuple[float, float, dict[str, int]]:
        """CPU of an import, that of the database in it, and what became of the rows."""
        operation, dsn = await self._begun(alike), self._on.urls[PACKAGE]
        kinds, stop = SERVICE.operations, asyncio.Event()
        runner = Runner(service=SERVICE.name, database=self.database, dsn=dsn, kinds=kinds, objects=self.objects)
        before, database = cpu_seconds(*self._processes), cpu_seconds(self._on.process)
        working = asyncio.create_task(runner.run(stop))
        row = await until(lambda: self._ended(operation), seconds=3600)
        spent, database = self._since(before), (cpu_seconds(self._on.process) - database) / ROWS * 1e6
        stop.set()
        await working
        assert row["status"] == "succeeded", row["last_error"]
        return spent, database, dict(row["counters"])

    async def _ended(self, operation: UUID) -> Any:
        async with self.database.read(self._agent.tenant_id) as connection:
            return await connection.fetchrow(
                "SELECT * FROM operations WHERE id = $1 AND finished_at IS NOT NULL", operation
            )

    async def _written_again(self) -> float:
        """CPU of COPY for the very rows that the import has written, after they were deleted."""
        tables = [(name, condition, await self._columns(name)) for name, condition in WRITTEN.items()]
        for name, condition, columns in tables:
            listed = ", ".join(f'"{column}"' for column in columns)
            query = f"SELECT {listed} FROM {name} WHERE {condition}"
            await self._admin.copy_from_query(query, output=self._at / name)
        for name, condition, _ in [*tables[1:-1], tables[0], tables[-1]]:
            await self._admin.execute(f"DELETE FROM {name} WHERE {condition}")
        before = cpu_seconds(*self._processes)
        for name, _, columns in tables:
            await self._admin.copy_to_table(name, source=self._at / name, columns=columns, schema_name=PACKAGE)
        return self._since(before)

    async def _columns(self, table: str) -> list[str]:
        return [row[0] for row in await self._admin.fetch(_COLUMNS, PACKAGE, table)]

    def _since(self, before: float) -> float:
        return (cpu_seconds(*self._processes) - before) / ROWS * 1e6

    async def _begun(self, alike: LikenessHandling) -> UUID:
        id, path, tenant = new_id(), self._at / _FILE, self._agent.tenant_id
        write_file(path, ROWS, CUSTOMERS)

        async def content() -> Any:
            yield path.read_bytes()

        stored = await self.objects.put(tenant, source_name(id), content())
        found = inspected(str(await self.objects.path(tenant, stored.name)), {})
        columns = [MappedColumn(column=one, field=two) for one, two in zip(HEADER, FIELDS, strict=True) if two]
        mapping = ImportMapping(columns=tuple(columns), system="old", alike=alike, bad_cells=BadCells.LEAVE_OUT)
        async with self.database.transaction(tenant) as connection:
            unit = UnitOfWork(connection, self._agent, Cause(actor=self._agent.actor))
            made = await create_import(unit, _FILE, id=id, stored=stored, found=found)
            await map_import(unit, id, mapping, if_match=made.version)
            before = await unit.find(IMPORTS, id)
            assert before is not None
            order = Order(import_id=id, file_name=_FILE, options=options_of(before), mapping=mapping)
            operation = await begin(unit, RUN, order)
            await note_begun(unit, before, "run", operation.id)
            return operation.id


async def measure(on: Postgres, at: Path) -> list[Row]:
    """Fill, copy, import, copy again."""
    agent = caller()
    admin = await asyncpg.connect(on.admin_url, server_settings={"search_path": PACKAGE, "timezone": "UTC"})
    bench = Bench(on, at, agent, admin)
    await bench.database.open()
    try:
        await Base(admin, vault(), agent.tenant_id).fill(CUSTOMERS)
        return await bench.rows()
    finally:
        await bench.database.close()
        await admin.close()


def rows() -> Sequence[Row]:
    """Start, measure, stop."""
    with folder() as at, postgres(at, PACKAGE) as on:
        return asyncio.run(measure(on, at))


def main() -> None:
    """Measure and print."""
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show(rows())


if __name__ == "__main__":
    main()
