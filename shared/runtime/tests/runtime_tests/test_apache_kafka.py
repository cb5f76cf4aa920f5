"""Apache Kafka as tests run it: what it keeps, what it may be made to lose, and that it is what it says."""

import asyncio

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from crm_runtime.broker_process import answers_metadata
from crm_runtime.event_tail import tail
from crm_runtime.pytest_plugin import backend_of
from crm_runtime.testing.kafka.backend import Backend
from crm_runtime.testing.kafka.disposable import DisposableBroker

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


@pytest.fixture
async def broker(disposable_broker: DisposableBroker) -> DisposableBroker:
    await disposable_broker.renew()
    return disposable_broker


async def make_topic(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 2, 1)])
    finally:
        await admin.close()


async def publish(bootstrap: str, topic: str, *values: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", request_timeout_ms=5000)
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, partition=0)
    finally:
        await producer.stop()


async def kept(bootstrap: str, topic: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        place = TopicPartition(topic, 0)
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        return [(await asyncio.wait_for(consumer.getone(), 30)).value for _ in range(end)]
    finally:
        await consumer.stop()


async def test_it_keeps_all_over_a_stop_and_over_a_kill(broker: DisposableBroker, topic_prefix: str) -> None:
    topic = f"{topic_prefix}kept"
    await make_topic(broker.bootstrap, topic)
    await publish(broker.bootstrap, topic, b"1")
    await broker.stop()
    assert not await answers_metadata(broker.bootstrap)
    await broker.start()
    await publish(broker.bootstrap, topic, b"2")
    await broker.kill()
    await broker.start()
    assert await kept(broker.bootstrap, topic) == [b"1", b"2"]


async def test_it_loses_what_came_after_the_saving_or_all(broker: DisposableBroker, topic_prefix: str) -> None:
    topic = f"{topic_prefix}lost"
    await make_topic(broker.bootstrap, topic)
    await publish(broker.bootstrap, topic, b"1")
    await broker.save()
    await publish(broker.bootstrap, topic, b"2")
    await broker.lose()
    assert await kept(broker.bootstrap, topic) == [b"1"]
    await broker.renew()
    await broker.lose()
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap)
    await consumer.start()
    assert await consumer.topics() == set()
    await consumer.stop()


async def test_frozen_it_is_silent_and_thawed_it_goes_on(broker: DisposableBroker) -> None:
    broker.freeze()
    assert not await answers_metadata(broker.bootstrap, timeout_seconds=1.0)
    broker.thaw()
    assert await answers_metadata(broker.bootstrap, timeout_seconds=30.0)


async def test_topics_never_make_themselves(broker: DisposableBroker, topic_prefix: str) -> None:
    with pytest.raises(KafkaError):
        await publish(broker.bootstrap, f"{topic_prefix}unmade", b"1")
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap)
    await consumer.start()
    assert f"{topic_prefix}unmade" not in await consumer.topics()
    await consumer.stop()


async def test_events_are_tailed(kafka_bootstrap: str, topic_prefix: str) -> None:
    topic = f"{topic_prefix}tailed"
    await make_topic(kafka_bootstrap, topic)
    await publish(kafka_bootstrap, topic, b'{"n": 1}', b'{"n": 2}')
    events = tail(kafka_bootstrap, None, prefix=topic, from_start=True)
    found = [await anext(events), await anext(events)]
    await events.aclose()
    assert [(event.topic, event.offset, event.data) for event in found] == [(topic, 0, {"n": 1}), (topic, 1, {"n": 2})]


def test_it_is_a_program_of_java_on_the_loopback_address(broker: DisposableBroker, pytestconfig: pytest.Config) -> None:
    port = int(broker.bootstrap.rpartition(":")[2])
    connections = psutil.net_connections("tcp")
    listening = [(one.pid, one.laddr) for one in connections if one.laddr and one.status == psutil.CONN_LISTEN]
    ((pid, ip),) = [(pid, address.ip) for pid, address in listening if address.port == port]
    assert ip.removeprefix("::ffff:") == "127.0.0.1" or backend_of(pytestconfig) is Backend.CONTAINER
    if backend_of(pytestconfig) is Backend.APACHE:
        assert pid is not None
        assert psutil.Process(pid).name() == "java"
