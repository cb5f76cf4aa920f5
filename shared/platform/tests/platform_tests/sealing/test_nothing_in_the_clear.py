"""Personal data lies nowhere in the clear: no column of any table, and no record of any topic, has it."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from crm_contracts.sealing import from_text
from crm_platform.context import Caller
from crm_platform.db import Database
from crm_platform.db.database import connect_dedicated
from crm_platform.events import replay
from crm_platform.snapshots import AggregateSnapshots
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from platform_tests.sealing.people import NOTES, PEOPLE, NoteTaken, PersonEntered, needle
from platform_tests.sealing.test_erasure import erase
from platform_tests.sealing.test_records import enter

_TABLES = """
SELECT table_name FROM information_schema.tables WHERE table_schema = $1 AND table_type = 'BASE TABLE'
"""


def spellings(text: str) -> Iterator[bytes]:
    """A text as it may lie somewhere: plain, as JSON with escapes, in UTF-16, as PostgreSQL shows bytes."""
    plain = text.encode()
    yield plain
    yield json.dumps(text)[1:-1].encode()
    yield text.encode("utf-16-le")
    yield plain.hex().encode()


def needles(*numbers: int) -> set[bytes]:
    texts = []
    for number in numbers:
        data = needle(number)
        texts += [data["phone"], *data["emails"], *data["address"].values()]
    return {spelled for text in texts for spelled in spellings(text)}


async def everything_in_tables(service: RunningService) -> dict[str, bytes]:
    """All that is in the schema, as text and as bytes, by table."""
    names = [row[0] for row in await service.sql(_TABLES, service.service.package)]
    found = {}
    for name in names:
        rows = await service.sql(f'SELECT "{name}"::text, * FROM "{name}"')
        cells = [cell for row in rows for cell in row]
        found[name] = b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
    return found


async def everything_on_topics(service: RunningService, count: int) -> list[bytes]:
    """The records of the service's topic: key, headers and value together."""
    kafka = service.settings.kafka
    topic = f"{kafka.topic_prefix}crm.customer.v1"
    reader = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, enable_auto_commit=False)
    await reader.start()
    try:
        slots = [TopicPartition(topic, number) for number in range(kafka.partitions)]
        reader.assign(slots)
        await reader.seek_to_beginning()
        records: list[bytes] = []

        async def enough() -> bool:
            for batch in (await reader.getmany(timeout_ms=100)).values():
                records.extend(b"\n".join([one.key, one.value, *(value for _, value in one.headers)]) for one in batch)
            return len(records) >= count

        await until(enough)
        return records
    finally:
        await reader.stop()


async def write_all_ways(client: httpx.AsyncClient) -> list[Any]:
    """Create with a key, change, take notes, delete, and fail."""
    record = await enter(client, 1)
    path, once = f"/v1/people/{record['id']}", {"idempotency-key": "once"}
    answers = [
        await client.post("/v1/people", json={"name": "李四", **needle(2)}, headers=once),
        await client.patch(path, json=needle(3), headers={"if-match": '"1"'}),
        await client.post(
            f"{path}/notes", json={"title": "便笺", "text": needle(4)["phone"]}, headers=once | {"x": ""}
        ),
        await client.patch(path, json=needle(5), headers={"if-match": '"1"'}),
        await client.delete(path, headers={"if-match": '"2"'}),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 422, 412, 204]
    noted = await client.post(f"{path}/notes", json={"title": "便笺", "text": needle(4)["phone"]})
    assert noted.status_code == 201
    return [record]


async def test_no_personal_data_is_in_the_clear(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    (record,) = await write_all_ways(client)
    await _tell_current_states(service)
    await start_worker(service)
    records = await everything_on_topics(service, 7)
    tables = await everything_in_tables(service)

    # The search finds what is in the clear: names are, in every one of these places.
    for name in ("people", "audit_entries", "outbox"):
        assert "李四".encode() in tables[name]
    assert any("李四".encode() in one for one in records)
    assert [name for name in ("idempotency", "people_keys", "subject_keys") if not tables[name]] == []
    for spelled in needles(1, 2, 3, 4, 5):
        assert [name for name, content in tables.items() if spelled in content] == []
        assert [one for one in records if spelled in one] == []
    assert record["phone"].encode() in needles(1)


async def _tell_current_states(service: RunningService) -> None:
    """What the relay does when consumers ask for the states without the history."""
    database: Database = service.app.state.runtime.database
    replayer = replay.Replayer(
        {
            "person": AggregateSnapshots(PEOPLE, PersonEntered, database),
            "note": AggregateSnapshots(NOTES, NoteTaken, database),
        }
    )
    connection = await connect_dedicated(service.settings.db.url, name="relay", **{"crm.system": "on"})
    try:
        for kind in ("person", "note"):
            await replay.request_snapshot(connection, by="operator", aggregate_type=kind)
            while await replayer(connection):
                pass
    finally:
        await connection.close()
    ((count,),) = await service.sql("SELECT count(*) FROM outbox WHERE snapshot")
    assert count == 2


async def test_what_is_sealed_shows_how_long_it_is_and_no_more(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    """Twice the same is sealed differently each time, in row, audit entry and event, and an erasure leaves it there."""
    first, second = await enter(client, 1), await enter(client, 1)
    await erase(service, agent.tenant_id, first["id"])

    sealed = [row[0] for row in await service.sql("SELECT sealed FROM people")]
    for (after,) in await service.sql("SELECT after->'sealed' FROM audit_entries"):
        value = json.loads(after)
        assert set(value) == {"subject_id", "members", "data"}
        sealed.append(from_text(value["data"]))
    for (payload,) in await service.sql("SELECT payload FROM outbox"):
        sealed.append(from_text(json.loads(payload)["sealed"]["data"]))

    assert len(set(sealed)) == len(sealed) == 6
    assert len({len(one) for one in sealed}) == 1
    assert second["phone"] == first["phone"]
