"""What Prometheus is told: requests by route, the pool, and how far relay and consumers are behind."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from crm_contracts.inbound.v1 import ErpPaymentReceived
from crm_platform.events.kafka import KafkaOptions, ensure_topics, new_producer, stop_quietly
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.testing.waiting import until
from customer_svc.slices import SERVICE as CUSTOMER
from sales_svc.slices import SERVICE as SALES

AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|\d{4,}")


class Figures:
    """Samples by name and labels."""

    def __init__(self, text: str) -> None:
        families = list(text_string_to_metric_families(text))
        self.kinds = {family.name: family.type for family in families}
        self.described = {family.name: family.documentation for family in families}
        self._samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        return self._samples.get((name, frozenset(labels.items())))

    def total(self, name: str) -> float:
        return sum(value for (found, _), value in self._samples.items() if found == name)

    def labels(self, name: str) -> list[dict[str, str]]:
        return [dict(labels) for found, labels in self._samples if found == name]

    def all_labels(self) -> set[str]:
        return {value for _, labels in self._samples for name, value in labels if name != "le"}


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    return await start_service(CUSTOMER)


async def scraped(client: httpx.AsyncClient) -> Figures:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return Figures(answer.text)


def figures_of(registry: CollectorRegistry) -> Figures:
    return Figures(generate_latest(registry).decode())


async def test_requests_are_counted_by_route_and_never_by_id(client: httpx.AsyncClient) -> None:
    paths = []
    for name in ("a", "b", "c"):
        answer = await client.post("/v1/customers", json={"name": name})
        paths.append(answer.headers["location"])
    for path in paths:
        await client.get(path)
    await client.get(f"/v1/customers/{uuid4()}")
    await client.get("/v1/customers/4711")
    await client.get("/v1/customers", params={"filter": "nonsense"})
    await client.put("/v1/customers", json={})
    await client.get(f"/v1/nothing/{uuid4()}")

    figures = await scraped(client)

    one = "/v1/customers/{customer_id}"
    counted = {
        (labels["method"], labels["route"], labels["status"]): figures.value("crm_http_requests_total", **labels)
        for labels in figures.labels("crm_http_requests_total")
    }
    assert counted == {
        ("POST", "/v1/customers", "201"): 3,
        ("GET", one, "200"): 3,
        ("GET", one, "404"): 1,
        ("GET", one, "400"): 1,
        ("GET", "/v1/customers", "400"): 1,
        ("PUT", "/v1/customers", "405"): 1,
        ("GET", "unmatched", "404"): 1,
    }
    assert figures.value("crm_http_request_seconds_count", method="GET", route=one) == 5
    assert 0 < (figures.value("crm_http_request_seconds_sum", method="GET", route=one) or 0) < 60
    assert not [label for label in figures.all_labels() if AN_ID.search(label)]


async def test_a_request_that_was_refused_at_the_door_is_counted_too(service: RunningService) -> None:
    async with service.as_(None) as nobody:
        await nobody.get("/v1/customers")
        figures = await scraped(nobody)

    assert figures.value("crm_http_requests_total", method="GET", route="/v1/customers", status="401") == 1


async def test_probes_and_scrapes_are_not_counted(client: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        await client.get(path)

    assert (await scraped(client)).total("crm_http_requests_total") == 0


async def test_the_pool_shows_how_many_connections_are_in_use(
    service: RunningService, client: httpx.AsyncClient
) -> None:
    customer = (await client.post("/v1/customers", json={"name": "Acme"})).json()
    path = f"/v1/customers/{customer['id']}"
    before = await scraped(client)
    async with service.locked("customers", customer["id"]):
        waiting = [
            asyncio.create_task(client.patch(path, json={"grade": "A"}, headers={"if-match": '"1"'})) for _ in range(3)
        ]

        async def busy() -> bool:
            return (await scraped(client)).value("crm_db_pool_in_use") == 3

        await until(busy)
        during = await scraped(client)
    await asyncio.gather(*waiting)
    after = await scraped(client)

    assert before.value("crm_db_pool_in_use") == 0
    assert during.value("crm_db_pool_connections") == 3
    assert after.value("crm_db_pool_in_use") == 0
    assert 1 <= (after.value("crm_db_pool_connections") or 0) <= 5


async def test_a_worker_shows_what_it_published(
    service: RunningService, client: httpx.AsyncClient, start_worker: StartWorker
) -> None:
    for number in range(3):
        await client.post("/v1/customers", json={"name": f"Customer {number}"})
    worker = await start_worker(service)

    async def published() -> bool:
        return figures_of(worker.registry).value("crm_relay_published_total", topic="crm.customer.v1") == 3

    await until(published)

    async def caught_up() -> bool:
        return figures_of(worker.registry).value("crm_relay_lag_rows") == 0

    await until(caught_up)
    figures = figures_of(worker.registry)
    assert figures.value("crm_relay_leader") == 1
    assert figures.value("crm_relay_lag_seconds") == 0
    assert figures.value("crm_relay_stuck_rows") == 0
    assert figures.value("crm_dead_letters_pending") == 0


async def test_a_worker_shows_how_far_its_consumers_are_and_what_they_put_aside(
    start_service: StartService, start_worker: StartWorker
) -> None:
    sales = await start_service(SALES)
    kafka = sales.settings.kafka
    options = KafkaOptions(bootstrap=kafka.bootstrap, partitions=6, topic_prefix=kafka.topic_prefix, request_timeout=30)
    topic = ErpPaymentReceived.topic
    await ensure_topics(options, [topic])
    producer: Any = await new_producer(options, "test")
    for number in range(4):
        await producer.send_and_wait(options.topic_prefix + topic, b"no event", key=f"{number}".encode())
    await stop_quietly(producer)
    heard = ("customer", "duplicate", "privacy", "company", "inbound.oa")
    topics = {*(f"crm.{name}.v1" for name in heard), topic}
    worker = await start_worker(sales)

    async def put_aside() -> bool:
        figures = figures_of(worker.registry)
        lag = figures.labels("crm_consumer_lag")
        return figures.value("crm_dead_letters_pending") == 4 and len(lag) == 6 * len(topics)

    await until(put_aside)
    figures = figures_of(worker.registry)
    assert figures.value("crm_consumer_dead_letters_total", kind="malformed") == 4
    assert figures.value("crm_consumer_partitions") == 6 * len(topics)
    assert figures.total("crm_consumer_lag") == 0
    assert {labels["topic"] for labels in figures.labels("crm_consumer_lag")} == topics
    assert not [label for label in figures.all_labels() if AN_ID.search(label)]


async def test_every_figure_has_a_description_and_an_honest_name(
    service: RunningService, client: httpx.AsyncClient, start_worker: StartWorker
) -> None:
    worker = await start_worker(service)
    for figures in (await scraped(client), figures_of(worker.registry)):
        assert all(figures.described.values())
        assert {name for name in figures.kinds if not name.startswith("crm_")} == set()
