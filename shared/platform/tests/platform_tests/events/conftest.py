from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from crm_platform.events.kafka import KafkaOptions
from crm_runtime.pytest_plugin import MakeDatabase
from platform_tests.events.processes import Nursery, OwnBroker
from platform_tests.events.support import PARTITIONS, PRODUCER, READER, Ends, migrate


@pytest.fixture
def kafka(kafka_bootstrap: str, topic_prefix: str) -> KafkaOptions:
    """The shared broker, with topics of this test's own."""
    return KafkaOptions(
        bootstrap=kafka_bootstrap,
        partitions=PARTITIONS,
        topic_prefix=f"{topic_prefix}{uuid4().hex[:6]}.",
        request_timeout=3.0,
    )


@pytest.fixture
async def ends(make_database: MakeDatabase, kafka: KafkaOptions) -> AsyncIterator[Ends]:
    """A fresh database with the schemas of a publishing and a consuming service."""
    database = make_database(PRODUCER, READER, migrate=migrate)
    both = Ends(database.urls[PRODUCER], database.urls[READER], database.admin_url, kafka)
    yield both
    await both.close()


@pytest.fixture
async def broker(tmp_path: Path, free_ports: Callable[[int], list[int]]) -> AsyncIterator[OwnBroker]:
    """A broker of this test alone."""
    own = OwnBroker(tmp_path, free_ports(1)[0])
    await own.start()
    yield own
    await own.kill()


@pytest.fixture
async def shaky(make_database: MakeDatabase, broker: OwnBroker) -> AsyncIterator[Ends]:
    """Both ends, on a broker that may be killed."""
    database = make_database(PRODUCER, READER, migrate=migrate)
    both = Ends(database.urls[PRODUCER], database.urls[READER], database.admin_url, broker.kafka)
    yield both
    await both.close()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Starts processes that a test may kill or freeze."""
    started = Nursery()
    yield started
    started.close()
