"""A service's worker in this process, and messages on the wire, for tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer

from crm_contracts.base import InboundMessage
from crm_platform.clock import utc_now
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.topics import remove_topics
from crm_platform.worker import Worker

StartWorker = Callable[[RunningService], Awaitable[Worker]]


@pytest.fixture
async def start_worker() -> AsyncIterator[StartWorker]:
    """Start a service's worker (relay, consumers, sealer) beside its API; it stops with the test, as its topics do."""
    # The topics go when no worker is left: several may share them.
    async with AsyncExitStack() as topics, AsyncExitStack() as workers:

        async def start(running: RunningService) -> Worker:
            kafka = running.settings.kafka
            topics.push_async_callback(remove_topics, kafka.bootstrap, kafka.topic_prefix)
            worker = Worker(running.service, running.settings)
            await workers.enter_async_context(working(worker))
            return worker

        yield start


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    """While it lasts, ``worker`` runs beside the test.

    Raises:
        TimeoutError: The worker did not stop within 30 s.
    """
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)


async def send_inbound(
    running: RunningService,
    message: InboundMessage,
    *,
    tenant_id: UUID,
    key: str,
    message_id: UUID | None = None,
    system: str = "erp",
) -> UUID:
    """Put a message of another system on its topic, as that system would; returns its id."""
    message_id = message_id or new_id()
    kafka = running.settings.kafka
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(message_id),
        "ce_source": f"/{system}",
        "ce_type": message.type,
        "ce_time": utc_now().isoformat(),
        "ce_subject": key,
        "ce_tenantid": str(tenant_id),
        "ce_origin": system,
        "content-type": "application/json",
    }
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(
            kafka.topic_prefix + message.topic,
            message.model_dump_json().encode(),
            key=key.encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )
    finally:
        await producer.stop()
    return message_id
