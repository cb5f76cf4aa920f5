"""Workers that die over an import, its taking back, or an export: others go on where it stood."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.events.crashpoints import KILLED, OPERATION_CRASHPOINTS
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.testing.processes import Nursery
from customer_svc.slices import SERVICE
from customer_svc_tests.imports.support import Importer, as_csv
from customer_svc_tests.imports.victim import work

ROWS = 1060
"""Three steps of an import, two pages of an export."""
REPEATED, BAD = 42, 11
ENTERED = ROWS - REPEATED - BAD
STEPS = {"operation.after_claim": 0, "operation.after_effects_before_commit": 1, "operation.after_commit": 2}
"""Of an operation that dies at its second step, or when it is taken up: those that are done."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    started = Nursery("customer_svc_tests.imports.victim", [Path(__file__).parents[2]])
    yield started
    started.close()


@pytest.fixture(scope="module")
async def resting(start_shared_service: StartService) -> RunningService:
    """A service without a worker."""
    return await start_shared_service(SERVICE)


class Interrupted:
    """Operations that die once, and are then carried on by another worker."""

    def __init__(self, service: RunningService, nursery: Nursery, importer: Importer, point: str) -> None:
        self._service, self._nursery, self._importer, self._point = service, nursery, importer, point
        settings = service.settings
        self._place = {"dsn": settings.db.url, "objects": settings.objects.url}

    async def done(self, begun: httpx.Response) -> dict[str, Any]:
        """An operation at its end; ``stood`` is how far it was when its worker died."""
        assert begun.status_code == 202, begun.text
        operation = f"/v1/operations/{begun.json()['id']}"
        nth = 1 if self._point == "operation.after_claim" else 2
        async with self._nursery.spawned({**self._place, "crashpoint": f"{self._point}:{nth}"}) as victim:
            assert await victim.exit_code() == KILLED
        stood = await self._importer.get(operation)
        async with self._working():
            done = await self._importer.ended(begun.json()["id"])
        return done | {"stood": (stood["status"], stood["progress"]["done"])}

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(work(self._place["dsn"], self._place["objects"], stop))
        yield
        stop.set()
        await task


def rows() -> list[list[str]]:
    """Customers, some of whom come twice, and some of whom cannot be read."""
    made = []
    for number in range(ROWS):
        is_again = number % 25 == 24
        id = f"K-{number - 1 if is_again else number}"
        staff = "很多" if number % 100 == 50 else "7"
        made.append([id, f"第 {number} 号公司", "", f"138{number:08}", "", "上海", staff, "B", ""])
    return made


async def figures(importer: Importer) -> dict[str, tuple[int, int]]:
    """Rows and records of the caller's customers, their events and their audit entries."""
    found = {}
    for table, key in (("customers", "id"), ("outbox", "event_id"), ("audit_entries", "aggregate_id")):
        condition = "true" if table == "customers" else "aggregate_type = 'customer'"
        (row,) = await importer.sql(
            f"SELECT count(*) AS rows, count(DISTINCT {key}) AS records FROM {table} WHERE {condition}"
        )
        found[table] = (row["rows"], row["records"])
    return found


@pytest.mark.parametrize("point", OPERATION_CRASHPOINTS)
async def test_a_killed_worker_costs_nothing_and_nothing_is_done_twice(
    resting: RunningService, nursery: Nursery, agent: Caller, point: str
) -> None:
    async with resting.as_(agent) as client:
        importer = Importer(resting, agent, client)
        interrupted = Interrupted(resting, nursery, importer, point)
        path = await importer.mapped(as_csv(rows()), alike="ignore", match_by=["external_id"])
        imported = await interrupted.done(await client.post(f"{path}/run"))
        after_import = await figures(importer)
        report = (await importer.text(f"{path}/report")).splitlines()
        exported = await interrupted.done(await client.post("/v1/exports", json={"columns": ["name"]}))
        names = (await importer.text(exported["result"]["file"])).splitlines()[1:]
        undone = await interrupted.done(await client.post(f"{path}/undo"))
        after_undo = await figures(importer)

    done = STEPS[point]
    assert imported["stood"] == ("running", 500 * done)
    assert imported["counters"] == {"created": ENTERED, "skipped": REPEATED, "failed": BAD}
    assert [int(line.split(",")[0]) for line in report[1:]] == list(range(2, ROWS + 2))
    assert after_import == dict.fromkeys(("customers", "outbox", "audit_entries"), (ENTERED, ENTERED))
    assert exported["stood"] == ("running", min(1000 * done, ENTERED))
    assert (exported["counters"], len(names), len(set(names))) == ({"exported": ENTERED}, ENTERED, ENTERED)
    assert undone["stood"] == ("running", min(500 * done, ENTERED))
    assert undone["counters"] == {"removed": ENTERED}
    assert after_undo == {
        "customers": (0, 0),
        "outbox": (2 * ENTERED, 2 * ENTERED),
        "audit_entries": (2 * ENTERED, ENTERED),
    }
    assert await importer.sql("SELECT 1 FROM import_row_keys WHERE true") == []
