"""Imports: a messy file against a million customers, beside COPY of what comes of it: `make bench B=imports`.

A base of `CUSTOMERS` (1,000,000) is filled by COPY. Then a file of `ROWS` (100,000) is imported as the service does it:
three rows in ten are in the base already, half of them with slips, and cells are as people leave them.

The limit is COPY of the very rows that the import has written, into the same tables with their indexes (ADR 0017 says
why): customers and their keys, external ids, audit entries, events, results. The row is the ratio of both speeds by the
clock, so nothing else should be at work; the ratio of CPU time, and what COPY of the customers alone costs, stand in
its figures. Before each measure there is a checkpoint, so that each writes whole pages into the log as it first touches
them.

`BASE=folder` keeps the filled base there (some gigabytes), and begins with a copy of it where it is already there.
"""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
import psutil
import structlog
import uvloop

from bench.importing import COLUMNS, FIELDS, HEADER, Base, messy, state_of, write_file
from bench.measure import Row, cpu_seconds, show
from bench.stage import Postgres, copy_of, folder, postgres
from crm_contracts.imports.v1 import BadCells, ImportMapping, LikenessHandling, MappedColumn
from crm_platform.context import Caller, Cause
from crm_platform.db import Database
from crm_platform.ids import new_id
from crm_platform.objects.store import Objects
from crm_platform.operations.begin import begin
from crm_platform.operations.runner import Runner
from crm_platform.settings import DatabaseSettings, ObjectSettings
from crm_platform.settling import settle_in
from crm_platform.testing.identity import caller
from crm_platform.testing.sealing import vault
from crm_platform.uow import UnitOfWork
from customer_svc.imports.models import IMPORTS
from customer_svc.imports.operations import RUN, Order, source_name
from customer_svc.imports.rows.reading import inspected
from customer_svc.imports.service import create_import, map_import, note_begun, options_of
from customer_svc.slices import SERVICE

T = TypeVar("T")

CUSTOMERS: Final = int(os.environ.get("CUSTOMERS", "1000000"))
ROWS: Final = int(os.environ.get("ROWS", "100000"))
KEPT: Final = os.environ.get("BASE")
PACKAGE: Final = "customer_svc"
_FILE: Final = "file.csv"
_LOOK_AGAIN: Final = 0.5
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


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one row of the file, in µs.

    Attributes:
        cpu: CPU time of all processes.
        database: That of the database in it.
        clock: Time that goes by.
    """

    cpu: float
    database: float
    clock: float


class Bench:
    """One run on a base that is there."""

    def __init__(self, on: Postgres, at: Path, agent: Caller, admin: Any) -> None:
        self._on, self._at, self._agent, self._admin = on, at, agent, admin
        self.objects = Objects(ObjectSettings(url=f"file:{at}/objects"))
        self.database = Database(DatabaseSettings(url=on.urls[PACKAGE]), name="bench", vault=vault())

    async def rows(self) -> list[Row]:
        """Measure the import, and both limits."""
        copied = await self._copied()
        ours, counters = await self._imported(LikenessHandling.FLAG)
        again = await self._written_again()
        told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counters.items()))
        figures = (
            f"by the clock {ours.clock:.0f} µs, {again.clock:.0f} µs; CPU {ours.cpu:.0f} µs "
            f"({ours.database:.0f} of the database), {again.cpu:.0f} µs: {again.cpu / ours.cpu:.3f}; "
            f"COPY of the customers alone: CPU {copied.cpu:.0f} µs ({copied.cpu / ours.cpu:.3f}); {told}"
        )
        work = f"import of {ROWS:,} messy rows against {CUSTOMERS:,} customers, fuzzy check, an event each"
        beside, value = "COPY of all that it writes (by the clock)", again.clock / ours.clock
        return [Row(work=work, beside=beside, value=value, must=0.25, goal=0.40, at_least=True, figures=figures)]

    async def _measured(self, work: Callable[[], Awaitable[T]]) -> tuple[Cost, T]:
        await self._admin.execute("CHECKPOINT")
        everything, server = (psutil.Process(), self._on.process), self._on.process
        cpu, database, clock = cpu_seconds(*everything), cpu_seconds(server), time.perf_counter()
        done = await work()
        clock, database, cpu = (
            time.perf_counter() - clock,
            cpu_seconds(server) - database,
            cpu_seconds(*everything) - cpu,
        )
        return Cost(*(seconds / ROWS * 1e6 for seconds in (cpu, database, clock))), done

    async def _copied(self) -> Cost:
        """COPY of the file's customers into their table alone; they go again."""
        base = Base(self._admin, vault(), caller().tenant_id)
        states = [state_of(one) for one in messy(ROWS, CUSTOMERS)]
        rows = base.rows(states, {one.id: vault().new_key(new_id(), one.id) for one in states})
        copying = partial(
            self._admin.copy_records_to_table, "customers", records=rows, columns=COLUMNS, schema_name=PACKAGE
        )
        cost, _ = await self._measured(copying)
        await self._admin.execute("DELETE FROM customers WHERE id = ANY ($1)", [one.id for one in states])
        await self._admin.execute("VACUUM customers")
        return cost

    async def _imported(self, alike: LikenessHandling) -> tuple[Cost, dict[str, int]]:
        """What an import costs, and what became of the rows."""
        operation, dsn = await self._begun(alike), self._on.urls[PACKAGE]
        kinds, stop = SERVICE.operations, asyncio.Event()
        runner = Runner(service=SERVICE.name, database=self.database, dsn=dsn, kinds=kinds, objects=self.objects)
        settle_in()

        async def ended() -> Any:
            working = asyncio.create_task(runner.run(stop))
            while (row := await self._ended(operation)) is None:
                await asyncio.wait({working}, timeout=_LOOK_AGAIN)
            stop.set()
            await working
            return row

        cost, row = await self._measured(ended)
        assert row["status"] == "succeeded", row["last_error"]
        return cost, dict(row["counters"])

    async def _ended(self, operation: UUID) -> Any:
        async with self.database.read(self._agent.tenant_id) as connection:
            return await connection.fetchrow(
                "SELECT * FROM operations WHERE id = $1 AND finished_at IS NOT NULL", operation
            )

    async def _written_again(self) -> Cost:
        """COPY of the very rows that the import has written, after they were deleted."""
        tables = [(name, condition, await self._columns(name)) for name, condition in WRITTEN.items()]
        for name, condition, columns in tables:
            listed = ", ".join(f'"{column}"' for column in columns)
            query = f"SELECT {listed} FROM {name} WHERE {condition}"
            await self._admin.copy_from_query(query, output=self._at / name)
        for name, condition, _ in [*tables[1:-1], tables[0], tables[-1]]:
            await self._admin.execute(f"DELETE FROM {name} WHERE {condition}")
        await self._admin.execute(f"VACUUM {', '.join(WRITTEN)}")

        async def copying() -> None:
            for name, _, columns in tables:
                await self._admin.copy_to_table(name, source=self._at / name, columns=columns, schema_name=PACKAGE)

        cost, _ = await self._measured(copying)
        return cost

    async def _columns(self, table: str) -> list[str]:
        return [row[0] for row in await self._admin.fetch(_COLUMNS, PACKAGE, table)]

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


async def _admin(on: Postgres) -> Any:
    return await asyncpg.connect(on.admin_url, server_settings={"search_path": PACKAGE, "timezone": "UTC"})


async def fill(on: Postgres) -> None:
    """Put the base's customers there, of one tenant."""
    admin = await _admin(on)
    try:
        await Base(admin, vault(), new_id()).fill(CUSTOMERS)
    finally:
        await admin.close()


async def measure(on: Postgres, at: Path) -> list[Row]:
    """Copy, import, copy again, on a filled base."""
    admin = await _admin(on)
    agent = caller(tenant_id=await admin.fetchval("SELECT tenant_id FROM customers LIMIT 1"))
    bench = Bench(on, at, agent, admin)
    await bench.database.open()
    try:
        return await bench.rows()
    finally:
        await bench.database.close()
        await admin.close()


def _base(at: Path) -> None:
    """A stopped PostgreSQL with the base in it, in a folder of ``at``."""
    if KEPT is None or not (kept := Path(KEPT)).exists():
        with postgres(at, PACKAGE) as on:
            uvloop.run(fill(on))
        if KEPT is None:
            return
        made = kept.with_name(f"{kept.name}.made")
        made.mkdir(mode=0o711, parents=True)
        copy_of(at, made)
        made.rename(kept)
    else:
        copy_of(kept, at)


def rows() -> Sequence[Row]:
    """Start, measure, stop."""
    with folder() as at:
        _base(at)
        with postgres(at, PACKAGE) as on:
            return uvloop.run(measure(on, at))


def main() -> None:
    """Measure and print."""
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show(rows())


if __name__ == "__main__":
    main()
