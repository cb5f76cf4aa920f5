"""A person asks what is known and then to be forgotten, while processes that answer are killed.

By the name of its file it comes after the story, whose figures this person would change.
"""

import asyncio
import io
import signal
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from crm_contracts.privacy.v1 import ANSWERS as ERASURE_ANSWERS
from crm_contracts.subject_access.v1 import ANSWERS as ACCESS_ANSWERS
from crm_platform.audit.certificates import is_genuine
from crm_platform.testing.waiting import until
from tests.real_system import RealSystem

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PATIENCE = 240.0
NAME = "苏轼之"
SEALED = ("13811112222", "su.shi@needle.example", "11010519491231002X", "赤壁路")
"""What of the person is never to be found in readable form."""
PERSON = {
    "name": NAME,
    "kind": "person",
    "phone": "138 1111 2222",
    "email": "su.shi@needle.example",
    "addresses": [{"country": "CN", "city": "黄冈市", "street": "赤壁路 1 号"}],
    "identity_documents": [{"kind": "resident_id", "number": "11010519491231002X", "country": "CN"}],
}
PACKAGES = ("customer_svc", "sales_svc", "service_desk_svc", "project_svc", "analytics_svc")
WITH_NAMES = {f"{package}.audit_entries" for package in PACKAGES if package != "customer_svc"}
"""Where words about people stay, see ADR 0024."""


@pytest.fixture(scope="module")
async def client(system: RealSystem) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway's API, with the demonstration's key; waits where a process is being started again."""
    key = {"authorization": f"Bearer {system.secrets['demo_api_key']}"}
    base = f"{system.gateway_url}/api/v1"
    async with httpx.AsyncClient(base_url=base, headers=key, trust_env=False, timeout=60) as client:
        yield client


async def posted(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == HTTPStatus.CREATED, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
async def person(client: httpx.AsyncClient, system: RealSystem) -> dict[str, Any]:
    """Somebody whom all five services know."""
    who = await posted(client, "/customers", PERSON)

    async def known(package: str, table: str) -> None:
        query = f"SELECT 1 FROM {table} WHERE id = $1"
        await until(lambda: system.rows(package, query, who["id"]), seconds=PATIENCE)

    await asyncio.gather(
        known("sales_svc", "known_customers"),
        known("project_svc", "known_customers"),
        known("analytics_svc", "customers"),
    )
    about = {"customer_id": who["id"]}
    at = datetime.now(UTC).isoformat()
    talk = {"kind": "call", "subject": "报价", "content": f"{NAME}来电", "happened_at": at}
    await posted(client, "/communications", about | talk)
    await posted(client, "/opportunities", about | {"name": f"{NAME}的订单"})
    await posted(client, "/tickets", about | {"kind": "complaint", "subject": f"{NAME}的投诉"})
    await posted(client, "/projects", about | {"name": f"{NAME}的项目", "due_on": "2030-01-01"})
    return who


async def reached(client: httpx.AsyncClient, path: str, status: str) -> dict[str, Any]:
    """The record at ``path`` once it has this status."""
    last: list[Any] = [None]

    async def there() -> dict[str, Any] | None:
        answer = await client.get(path)
        last[0] = answer.text
        return dict(answer.json()) if answer.is_success and answer.json()["status"] == status else None

    return await until(there, seconds=PATIENCE, why=lambda: last[0])


async def test_all_that_is_known_is_told_although_services_are_killed(
    system: RealSystem, client: httpx.AsyncClient, person: dict[str, Any]
) -> None:
    body = {"subject_kind": "customer", "subject_id": person["id"]}
    asked = await asyncio.gather(*(client.post("/subject-access-requests", json=body) for _ in range(3)))
    await system.end_each(("sales-svc-worker", "customer-svc-worker"), signal.SIGKILL)

    assert sorted(one.status_code for one in asked) == [201, 409, 409]
    path = next(f"/subject-access-requests/{one.json()['id']}" for one in asked if one.is_success)
    request = await reached(client, path, "ready")
    assert [part["service"] for part in request["parts"]] == list(ACCESS_ANSWERS)
    answer = await client.get(f"{path}/bundle")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    document = orjson.loads(files["manifest.json"])
    assert is_genuine(document, document["public_key"].encode())
    for name, needle in {
        "customer-svc/customers": "su.shi@needle.example",
        "customer-svc/communications": f"{NAME}来电",
        "sales-svc/opportunities": f"{NAME}的订单",
        "service-desk-svc/tickets": f"{NAME}的投诉",
        "project-svc/projects": f"{NAME}的项目",
        "analytics-svc/customers": NAME,
    }.items():
        assert needle in files[f"data/{name}.json"].decode(), name


async def test_a_person_is_forgotten_everywhere_although_services_are_killed(
    system: RealSystem, client: httpx.AsyncClient, person: dict[str, Any]
) -> None:
    began = datetime.fromisoformat(person["created_at"])
    body = {"subject_kind": "customer", "subject_id": person["id"], "basis": "objection"}
    erasure = await posted(client, "/erasures", body)
    await system.end_each(("project-svc-worker", "customer-svc-worker"), signal.SIGKILL)

    path = f"/erasures/{erasure['id']}"
    done = await reached(client, path, "completed")
    assert [part["service"] for part in done["parts"]] == ["customer-svc", *ERASURE_ANSWERS]
    document = (await client.get(f"{path}/certificate")).json()
    assert is_genuine(document, document["public_key"].encode())
    assert NAME not in str(document)
    found = await readable(system, (*SEALED, NAME))
    assert "sales_svc.audit_entries" in found[NAME]  # what is there is found
    assert found.pop(NAME) <= WITH_NAMES
    assert found == {}
    told = await topics(system, began)
    assert person["id"] in told
    assert [needle for needle in SEALED if needle in told] == []


async def readable(system: RealSystem, needles: Sequence[str]) -> dict[str, set[str]]:
    """The tables of all services, with their outboxes as texts, by what of ``needles`` stands in them."""
    found: dict[str, set[str]] = {}
    for package in PACKAGES:
        tables = await system.rows("public", "SELECT tablename FROM pg_tables WHERE schemaname = $1", package)
        texts = {row[0]: "t::text" for row in tables} | {"outbox": "convert_from(t.payload, 'UTF8')"}
        for table, text in texts.items():
            query = f'SELECT DISTINCT n FROM "{table}" t, unnest($1::text[]) n WHERE position(n IN {text}) > 0'
            for (needle,) in await system.rows(package, query, list(needles)):
                found.setdefault(needle, set()).add(f"{package}.{table}")
    return found


async def topics(system: RealSystem, since: datetime) -> str:
    """All that topics were told since a moment, as one text."""
    consumer = AIOKafkaConsumer(bootstrap_servers=system.state.kafka_bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        names = [name for name in await consumer.topics() if name.startswith("crm.")]
        places = [TopicPartition(name, number) for name in names for number in consumer.partitions_for_topic(name)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        starts = await consumer.offsets_for_times(dict.fromkeys(places, int(since.timestamp() * 1000)))
        left = {place: ends[place] for place in places if starts.get(place) is not None}
        for place in places:
            consumer.seek(place, starts[place].offset if place in left else ends[place])
        texts: list[bytes] = []

        async def read() -> bool:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                texts.extend(record.value or b"" for record in records)
            return all([await consumer.position(place) >= end for place, end in left.items()])

        await until(read, seconds=60)
    finally:
        await consumer.stop()
    return b"".join(texts).decode()
