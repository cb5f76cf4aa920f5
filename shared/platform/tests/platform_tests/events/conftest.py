from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from crm_platform.events.kafka import KafkaOptions
from crm_runtime.pytest_plugin import MakeDatabase, backend_of
from crm_runtime.testing.kafka.disposable import DisposableBroker
from platform_tests.events.processes import Nursery
from platform_tests.events.support import PARTITIONS, PRODUCER, READER, Ends, migrate

BROKERS = {"kafka", "broker"}
APACHE_KAFKA_SECONDS = 300


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On Apache Kafka, every test here that has a broker proves something about Apache Kafka."""
    if not backend_of(config).is_apache_kafka:
        return
    for item in items:
        if isinstance(item, pytest.Function) and __package__ in item.module.__name__ and BROKERS & {*item.fixturenames}:
            item.add_marker(pytest.mark.kafka)
            item.add_marker(pytest.mark.timeout(APACHE_KAFKA_SECONDS))


def options(bootstrap: str, topic_prefix: str) -> KafkaOptions:
    """A broker, with topics of one test's own."""
    return KafkaOptions(bootstrap=bootstrap, partitions=PARTITIONS, topic_prefix=f"{topic_prefix}{uuid4().hex[:6]}.")


@pytest.fixture
def kafka(kafka_bootstrap: str, passing_topics: str) -> KafkaOptions:
    """The shared broker."""
    return options(kafka_bootstrap, passing_topics)


@pytest.fixture
async def broker(disposable_broker: DisposableBroker) -> DisposableBroker:
    """A broker that no other test uses now."""
    await disposable_broker.renew()
    return disposable_broker


@pytest.fixture
async def ends(make_database: MakeDatabase, kafka: KafkaOptions) -> AsyncIterator[Ends]:
    """A fresh database with the schemas of a publishing and a consuming service."""
    both = _ends(make_database, kafka)
    yield both
    await both.close()


@pytest.fixture
async def shaky(make_database: MakeDatabase, broker: DisposableBroker, topic_prefix: str) -> AsyncIterator[Ends]:
    """Both ends, on a broker that may be killed."""
    both = _ends(make_database, options(broker.bootstrap, topic_prefix))
    yield both
    await both.close()


def _ends(make_database: MakeDatabase, kafka: KafkaOptions) -> Ends:
    database = make_database(PRODUCER, READER, migrate=migrate)
    return Ends(database.urls[PRODUCER], database.urls[READER], database.admin_url, kafka)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Starts processes that a test may kill or freeze."""
    started = Nursery()
    yield started
    started.close()
