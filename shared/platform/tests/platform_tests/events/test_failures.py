import asyncio
from uuid import UUID

import asyncpg
import pytest

from crm_platform.events import dead_letters
from crm_platform.events.failures import RetryableError
from crm_platform.events.subscriptions import EVERY_TYPE, Handler, Subscription
from crm_platform.events.wire import Record
from crm_platform.ids import new_id
from crm_platform.testing.waiting import until
from platform_tests.events.support import (
    INBOUND_TOPIC,
    OTHER_TENANT,
    TENANT,
    TOPIC,
    Ends,
    inbound_headers,
    note_effect,
    running,
    send_raw,
)

LETTERS = "SELECT version, kind, status FROM dead_letter ORDER BY version"


class Poison:
    """Fails at chosen events until it is told not to."""

    def __init__(self, *events: tuple[UUID, int]) -> None:
        self.events = set(events)
        self.tried = 0

    async def __call__(self, connection: asyncpg.Connection, record: Record) -> None:
        await note_effect(connection, record)
        if (record.aggregate_id, record.version) in self.events:
            self.tried += 1
            raise ValueError(f"cannot digest version {record.version}")

    def subscription(self) -> Subscription:
        return Subscription(topics=[TOPIC], handlers={EVERY_TYPE: self})


async def rows(ends: Ends, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await ends.fetch(query)]


async def test_poison_parks_its_aggregate_only(ends: Ends) -> None:
    sick, well = new_id(), new_id()
    poison = Poison((sick, 2))
    await ends.write(sick, 1, 2, 3)
    await ends.write(well, 1, 2, 3)
    async with running(ends.relay(), ends.consumer(poison.subscription(), tries=3)):
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE version = 3")
        await ends.write(sick, 4)
        await ends.write(well, 4)
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE version = 4")
        await ends.await_effects(5)
    assert await ends.versions(sick) == [1]
    assert await ends.versions(well) == [1, 2, 3, 4]
    assert await rows(ends, LETTERS) == [
        (2, "failed", "pending"),
        (3, "parked", "pending"),
        (4, "parked", "pending"),
    ]
    assert poison.tried == 4, "once in the batch, three times alone"
    letter = (await dead_letters.list_letters(await ends.reader(), aggregate_id=sick))[0]
    assert letter.reason.startswith("ValueError: cannot digest version 2\n")
    assert "note_effect" not in letter.reason
    assert "in __call__" in letter.reason
    assert (letter.attempts, letter.tenant_id) == (3, TENANT)


async def test_redrive_handles_parked_events_in_order(ends: Ends) -> None:
    sick = new_id()
    poison = Poison((sick, 2))
    await ends.write(sick, 1, 2, 3, 4)
    async with running(ends.relay(), ends.consumer(poison.subscription()), ends.redriver(poison.subscription())):
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE version = 4")
        poison.events.clear()
        assert await dead_letters.request_redrive(await ends.reader(), aggregate_id=sick) == 3
        await ends.await_rows("SELECT 1 FROM consumer_gate WHERE version = 4 AND NOT parked")
        await ends.write(sick, 5)
        await ends.await_effects(5)
    assert await ends.versions(sick) == [1, 2, 3, 4, 5]
    assert {row[2] for row in await rows(ends, LETTERS)} == {"redriven"}


async def test_redrive_that_fails_again_leaves_everything_parked(ends: Ends) -> None:
    sick = new_id()
    poison = Poison((sick, 1))
    await ends.write(sick, 1, 2)
    async with running(ends.relay(), ends.consumer(poison.subscription()), ends.redriver(poison.subscription())):
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE version = 2")
        poison.events = {(sick, 2)}
        await dead_letters.request_redrive(await ends.reader())
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE version = 2 AND attempts = 1")
    assert await ends.versions(sick) == [1]
    assert await rows(ends, LETTERS) == [(1, "failed", "redriven"), (2, "parked", "pending")]
    assert await rows(ends, "SELECT version, parked FROM consumer_gate") == [(1, True)]
    assert await rows(
        ends, "SELECT count(*) FROM dead_letter WHERE redrive_requested_at IS NOT NULL AND status = 'pending'"
    ) == [(0,)]


async def test_discard_skips_one_event_and_resumes_behind_it(ends: Ends) -> None:
    sick = new_id()
    poison = Poison((sick, 2))
    await ends.write(sick, 1, 2, 3)
    async with running(ends.relay(), ends.consumer(poison.subscription()), ends.redriver(poison.subscription())):
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE version = 3")
        first, second = await dead_letters.list_letters(await ends.reader())
        async with (await ends.reader()).transaction():
            with pytest.raises(dead_letters.LetterNotFirstError):
                await dead_letters.discard(await ends.reader(), second.id, by="user:9")
        async with (await ends.reader()).transaction():
            await dead_letters.discard(await ends.reader(), first.id, by="user:9")
        await ends.await_rows("SELECT 1 FROM consumer_gate WHERE version = 3 AND NOT parked")
        await ends.write(sick, 4)
        await ends.await_effects(3)
        with pytest.raises(dead_letters.LetterSettledError):
            await dead_letters.discard(await ends.reader(), first.id, by="user:9")
    assert await ends.versions(sick) == [1, 3, 4]
    settled = "SELECT version, status, settled_by FROM dead_letter ORDER BY version"
    assert await rows(ends, settled) == [(2, "discarded", "user:9"), (3, "redriven", "worker")]


async def test_discarding_the_last_one_unparks(ends: Ends) -> None:
    sick = new_id()
    poison = Poison((sick, 1))
    await ends.write(sick, 1)
    async with running(ends.relay(), ends.consumer(poison.subscription())):
        await ends.await_rows("SELECT 1 FROM dead_letter")
        async with (await ends.reader()).transaction():
            letters = await dead_letters.list_letters(await ends.reader())
            await dead_letters.discard(await ends.reader(), letters[0].id, by="user:9")
        await ends.write(sick, 2)
        await ends.await_effects(1)
    assert await ends.versions(sick) == [2]


async def test_malformed_records_are_put_aside_without_parking(ends: Ends) -> None:
    good = inbound_headers("e-1", "payment.received", subject="INV-1")
    versioned = good | {"ce_aggregatetype": "thing", "ce_sequence": "1", "ce_subject": str(new_id())}
    broken = [
        ("k", {name: text for name, text in good.items() if name != "ce_tenantid"}, b"{}"),
        ("k", good, b"{not json"),
        ("k", good, None),
        ("k", good, b"[1]"),
        ("k", good | {"ce_time": "yesterday"}, b"{}"),
        ("k", versioned | {"ce_sequence": "-3"}, b"{}"),
        ("k", versioned | {"ce_subject": "no-uuid"}, b"{}"),
        ("k", good | {"ce_specversion": "0.3"}, b"{}"),
        ("k", {}, b"\x00\xff"),
    ]
    await send_raw(ends.kafka, INBOUND_TOPIC, *broken, ("k", good, b"{}"))
    seen: list[Record] = []

    async def take(_: object, record: Record) -> None:
        seen.append(record)

    async with running(ends.consumer(Subscription(topics=[INBOUND_TOPIC], handlers={EVERY_TYPE: take}))):
        await ends.await_rows("SELECT 1 FROM consumer_position WHERE next_offset = 10")
    assert [record.subject for record in seen] == ["INV-1"]
    reasons = [
        row[0].partition(" JSON:")[0] for row in await ends.fetch('SELECT reason FROM dead_letter ORDER BY "offset"')
    ]
    assert reasons == [
        "ce_tenantid is missing",
        "the value is not",
        "the value is not",
        "the value is a JSON list, not an object",
        "ce_time is not an RFC 3339 time: 'yesterday'",
        "ce_sequence is not a version: '-3'",
        "ce_subject is not a UUID: 'no-uuid'",
        "ce_specversion is '0.3', not '1.0'",
        "ce_specversion is None, not '1.0'",
    ]
    assert await rows(ends, "SELECT count(*) FROM consumer_gate") == [(0,)]


async def test_malformed_letter_stays_pending_when_redriven_unchanged(ends: Ends) -> None:
    await send_raw(ends.kafka, INBOUND_TOPIC, ("k", {"ce_specversion": "1.0"}, b"{}"))
    async with running(ends.consumer(), ends.redriver()):
        await ends.await_rows("SELECT 1 FROM dead_letter")
        await dead_letters.request_redrive(await ends.reader())
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE attempts = 1 AND redrive_requested_at IS NULL")
    letter, content = await dead_letters.get_letter(await ends.reader(), 1)
    assert (letter.status, letter.kind, letter.tenant_id) == ("pending", "malformed", None)
    assert content == dead_letters.Content(b"k", {"ce_specversion": "1.0"}, b"{}")
    with pytest.raises(dead_letters.LetterNotFoundError):
        await dead_letters.get_letter(await ends.reader(), 2)


async def test_event_without_version_is_put_aside_alone_and_redriven(ends: Ends) -> None:
    refuse = {"INV-1"}
    seen: list[str] = []

    async def take(_: object, record: Record) -> None:
        if record.subject in refuse:
            raise LookupError(record.subject)
        seen.append(record.subject)

    records = [(f"INV-{n}", inbound_headers(f"e-{n}", "payment.received", subject=f"INV-{n}"), b"{}") for n in (1, 2)]
    await send_raw(ends.kafka, INBOUND_TOPIC, *records)
    inbound = Subscription(topics=[INBOUND_TOPIC], handlers={"payment.received": take})

    async def both() -> bool:
        return seen == ["INV-2", "INV-1"]

    async with running(ends.consumer(inbound), ends.redriver(inbound)):
        await ends.await_rows("SELECT 1 FROM dead_letter")
        refuse.clear()
        await dead_letters.request_redrive(await ends.reader(), ids=[1])
        await until(both)
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE status = 'redriven'")


@pytest.mark.parametrize(
    "passing", [RetryableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError, TimeoutError]
)
async def test_passing_failures_are_retried_as_a_batch(ends: Ends, passing: type[Exception]) -> None:
    failures = 2
    aggregate = new_id()

    async def stumble(connection: asyncpg.Connection, record: Record) -> None:
        nonlocal failures
        await note_effect(connection, record)
        if failures:
            failures -= 1
            raise passing

    await ends.write(aggregate, 1, 2)
    async with running(ends.relay(), ends.consumer(_handle_all(stumble))):
        await ends.await_effects(2)
    assert await ends.versions(aggregate) == [1, 2]
    assert await rows(ends, "SELECT count(*) FROM dead_letter") == [(0,)]


async def test_failure_that_does_not_pass_as_it_should_ends_as_dead_letter(ends: Ends) -> None:
    sick, well = new_id(), new_id()

    async def never(connection: asyncpg.Connection, record: Record) -> None:
        if record.aggregate_id == sick:
            raise RetryableError("not today")
        await note_effect(connection, record)

    await ends.write(sick, 1)
    await ends.write(well, 1)
    async with running(ends.relay(), ends.consumer(_handle_all(never), batch_retries=2)):
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE kind = 'failed'")
        await ends.await_effects(1)
    assert await ends.versions(well) == [1]


async def test_event_that_takes_the_session_down_ends_as_dead_letter(ends: Ends) -> None:
    sick, well = new_id(), new_id()

    async def break_off(connection: asyncpg.Connection, record: Record) -> None:
        if record.aggregate_id == sick:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        await note_effect(connection, record)

    await ends.write(sick, 1)
    await ends.write(well, 1)
    async with running(ends.relay(), ends.consumer(_handle_all(break_off))):
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE kind = 'failed'")
        await ends.await_effects(1)
    assert await ends.versions(well) == [1]


async def test_handler_that_hangs_ends_as_dead_letter(ends: Ends) -> None:
    sick = new_id()

    async def hang(_: asyncpg.Connection, __: Record) -> None:
        await asyncio.Event().wait()

    await ends.write(sick, 1)
    async with running(ends.relay(), ends.consumer(_handle_all(hang), handler_timeout=0.5, batch_retries=1, tries=1)):
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE reason LIKE 'TimeoutError%'")


async def test_tenants_see_their_own_dead_letters_only(ends: Ends) -> None:
    mine, theirs = new_id(), new_id()
    poison = Poison((mine, 1), (theirs, 1))
    await ends.write(mine, 1)
    await ends.write(theirs, 1, tenant=OTHER_TENANT)
    async with running(ends.relay(), ends.consumer(poison.subscription())):
        await ends.await_rows("SELECT 1 FROM dead_letter HAVING count(*) = 2")
    connection = await asyncpg.connect(ends.reader_dsn)
    await connection.execute(f"SET crm.tenant_id = '{OTHER_TENANT}'")
    assert [letter.aggregate_id for letter in await dead_letters.list_letters(connection)] == [theirs]
    assert await dead_letters.request_redrive(connection) == 1
    await connection.execute("RESET crm.tenant_id")
    assert await dead_letters.list_letters(connection) == []
    await connection.close()


def _handle_all(handler: Handler) -> Subscription:
    return Subscription(topics=[TOPIC], handlers={EVERY_TYPE: handler})
