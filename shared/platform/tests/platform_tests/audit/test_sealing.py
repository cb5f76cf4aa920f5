"""The sealer: soon, in order, alone, in batches, and nothing is lost when it fails."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from crm_platform.audit.checkpoints import read_checkpoints
from crm_platform.audit.sealer import BATCH, Sealer
from crm_platform.audit.verify import Report, verify_service
from crm_platform.db import Database
from crm_platform.ids import new_id
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.sealing import vault
from crm_platform.testing.waiting import until
from crm_runtime.testing import FreshDatabase
from platform_tests.audit.support import OURS, SERVICE, THEIRS, Chain, enter, rename, settings_of


@asynccontextmanager
async def running(sealer: Sealer) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(sealer.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)


async def unsealed(database: Database) -> int:
    async with database.system() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM audit_entries WHERE seq IS NULL"))


async def all_sealed(database: Database) -> bool:
    return await unsealed(database) == 0


async def chains(database: Database) -> dict[UUID, list[int]]:
    found: dict[UUID, list[int]] = defaultdict(list)
    async with database.system() as connection:
        for row in await connection.fetch("SELECT tenant_id, seq FROM audit_entries ORDER BY tenant_id, seq"):
            found[row[0]].append(row[1])
    return found


async def verified(place: FreshDatabase, folder: Path) -> Report:
    return await verify_service(place.url, SERVICE, folder)


async def test_what_was_committed_is_sealed_within_a_second(
    place: FreshDatabase, database: Database, tmp_path: Path
) -> None:
    taken = []
    async with running(Sealer(database, settings_of(place.url, tmp_path))):
        for number in range(3):
            await enter(database, OURS, f"Customer {number}")
            committed = time.monotonic()
            await until(lambda: all_sealed(database))
            taken.append(time.monotonic() - committed)

    assert min(taken) <= 1.0, taken
    assert (await verified(place, tmp_path)).findings == []


async def test_what_was_rolled_back_leaves_no_gap_in_the_chain(
    place: FreshDatabase, database: Database, tmp_path: Path
) -> None:
    sealer = Sealer(database, settings_of(place.url, tmp_path))
    await enter(database, OURS, "Before")
    transaction = database.transaction(OURS)
    connection = await transaction.__aenter__()
    try:
        await connection.execute(
            "INSERT INTO audit_entries (entry_id, aggregate_type, aggregate_id, version, action, actor, at,"
            " correlation_id) VALUES ($1, 'customer', $1, 1, 'customer.created', 'user:1', now(), $1)",
            new_id(),
        )
        await enter(database, OURS, "After")
        assert await sealer.seal_batch() == 2
    finally:
        await transaction.__aexit__(ValueError, ValueError(), None)
    await enter(database, OURS, "Later")
    await sealer.seal_batch()

    report = await verified(place, tmp_path)

    assert (report.entries, report.findings) == (3, [])


async def test_an_entry_that_is_committed_after_a_later_one_is_sealed_behind_it(
    place: FreshDatabase, database: Database, tmp_path: Path
) -> None:
    sealer = Sealer(database, settings_of(place.url, tmp_path))
    async with database.transaction(OURS) as slow:
        await slow.execute(
            "INSERT INTO audit_entries (entry_id, aggregate_type, aggregate_id, version, action, actor, at,"
            " correlation_id) VALUES ($1, 'customer', $1, 1, 'customer.created', 'slow', now(), $1)",
            new_id(),
        )
        await enter(database, OURS, "Quick")
        assert await sealer.seal_batch() == 1
    assert await sealer.seal_batch() == 1

    async with database.system() as connection:
        rows = await connection.fetch("SELECT actor FROM audit_entries ORDER BY seq")
    assert [row["actor"] for row in rows] == ["user:1", "slow"]
    assert (await verified(place, tmp_path)).findings == []


async def test_chains_of_interleaved_companies_stay_apart(
    place: FreshDatabase, database: Database, tmp_path: Path
) -> None:
    tenants = [new_id() for _ in range(5)]
    sealer = Sealer(database, settings_of(place.url, tmp_path))
    for number in range(6):
        for index, tenant in enumerate(tenants):
            if number % (index + 1) == 0:
                await enter(database, tenant, f"Customer {number}")
        if number % 2:
            await sealer.seal_batch()

    report = await verified(place, tmp_path)

    assert {tenant: len(places) for tenant, places in (await chains(database)).items()} == dict(
        zip(tenants, (6, 3, 2, 2, 2), strict=True)
    )
    assert all(places == list(range(1, len(places) + 1)) for places in (await chains(database)).values())
    assert (report.tenants, report.entries, report.findings) == (5, 15, [])


async def test_two_sealers_at_once_never_break_the_chain(
    place: FreshDatabase, database: Database, tmp_path: Path
) -> None:
    async def write(tenant: UUID) -> None:
        for number in range(25):
            (customer,) = await enter(database, tenant, f"Customer {number}")
            await rename(database, tenant, customer, f"Renamed {number}")

    other = Database(DatabaseSettings(url=place.url, pool_max=4), name="other", vault=vault())
    await other.open()
    try:
        settings = settings_of(place.url, tmp_path, interval=0.001)
        async with running(Sealer(database, settings)), running(Sealer(other, settings)):
            await asyncio.gather(*map(write, (OURS, THEIRS, OURS)))
            await until(lambda: all_sealed(database))
        report = await verified(place, tmp_path)
    finally:
        await other.close()

    assert report.findings == []
    assert (report.entries, report.unsealed) == (150, 0)
    assert {tenant: len(places) for tenant, places in (await chains(database)).items()} == {OURS: 100, THEIRS: 50}
    written = list(read_checkpoints(tmp_path, SERVICE))
    assert {one.tenant_id: one.seq for one in sorted(written, key=lambda one: one.seq)} == {OURS: 100, THEIRS: 50}


async def test_a_crash_before_the_checkpoint_is_no_finding_and_the_next_start_makes_up_for_it(
    chain: Chain, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("in the way of the folder", encoding="utf-8")
    await chain.enter("Late")
    database = Database(DatabaseSettings(url=chain.url), name="test", vault=vault())
    await database.open()
    try:
        crashing = Sealer(database, settings_of(chain.url, blocked))
        failure = (await asyncio.gather(crashing.seal_batch(), return_exceptions=True))[0]
        assert isinstance(failure, OSError)
        assert len(chain.lines) == 3
        after_the_crash = await chain.verify()

        async def written() -> bool:
            return len(chain.lines) == 4

        async with running(Sealer(database, settings_of(chain.url, chain.folder))):
            await until(written)
    finally:
        await database.close()

    assert (after_the_crash.findings, after_the_crash.entries, after_the_crash.unsealed) == ([], 13, 0)
    assert (await chain.verify()).findings == []
    await chain.sql("DELETE FROM audit_entries WHERE tenant_id = $1 AND seq = 9", OURS)
    assert [finding.kind for finding in (await chain.verify()).findings] == ["truncated"]


async def test_a_checkpoint_that_could_not_be_written_is_written_with_the_next(
    place: FreshDatabase, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "checkpoints"
    folder.write_text("in the way of the folder", encoding="utf-8")
    sealer = Sealer(database, settings_of(place.url, folder))
    await enter(database, OURS, "First")
    assert isinstance((await asyncio.gather(sealer.seal_batch(), return_exceptions=True))[0], OSError)
    folder.unlink()
    await enter(database, THEIRS, "Second")

    await sealer.seal_batch()

    assert {(one.tenant_id, one.seq) for one in read_checkpoints(folder, SERVICE)} == {(OURS, 1), (THEIRS, 1)}
    assert (await verified(place, folder)).findings == []


async def test_ten_thousand_entries_are_sealed_in_batches(
    place: FreshDatabase, database: Database, tmp_path: Path
) -> None:
    async with database.transaction(OURS) as connection:
        await connection.execute(
            """INSERT INTO audit_entries (entry_id, aggregate_type, aggregate_id, version, action, actor, at, before,
                 after, correlation_id)
               SELECT gen_random_uuid(), 'customer', gen_random_uuid(), n, 'customer.created', 'user:1', now(), NULL,
                 jsonb_build_object('name', 'Customer ' || n, 'tags', jsonb_build_array('a', 'b'), 'employees', n),
                 gen_random_uuid() FROM generate_series(1, 10000) AS n"""
        )
    sealer = Sealer(database, settings_of(place.url, tmp_path))
    began = time.process_time()

    counts = [await sealer.seal_batch() for _ in range(6)]

    assert counts == [BATCH] * 5 + [0]
    assert time.process_time() - began < 5, "our own share of the work, less than half a millisecond per entry"
    report = await verified(place, tmp_path)
    assert (report.entries, report.checkpoints, report.findings) == (10_000, 5, [])


async def test_a_sealer_that_runs_for_long_leaves_nothing_behind(
    place: FreshDatabase, database: Database, tmp_path: Path
) -> None:
    async with running(Sealer(database, settings_of(place.url, tmp_path, interval=0.0005))):
        await enter(database, OURS, "First")
        await until(lambda: all_sealed(database))
        before = len(asyncio.all_tasks())
        for number in range(10):
            await enter(database, OURS, f"Customer {number}")
            await until(lambda: all_sealed(database))
        after = len(asyncio.all_tasks())

    assert after - before <= 2


async def test_a_sealer_goes_on_when_the_database_comes_back(
    place: FreshDatabase, database: Database, tmp_path: Path
) -> None:
    own = Database(DatabaseSettings(url=place.url, pool_max=2), name="sealer", vault=vault())
    await own.open()
    try:
        async with running(Sealer(own, settings_of(place.url, tmp_path, interval=0.001))):
            for number in range(5):
                ended = await Chain(place.url, place.admin_url, tmp_path).sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name = 'sealer'"
                )
                assert ended
                await enter(database, OURS, f"Customer {number}")
                await until(lambda: all_sealed(database))
    finally:
        await own.close()

    assert (await verified(place, tmp_path)).findings == []
