"""The embedded broker: what it keeps, and what it does after accidents."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from crm_runtime.broker import EmbeddedBroker
from crm_runtime.broker_process import answers_metadata
from crm_runtime.errors import RuntimeProblem
from crm_runtime.event_tail import tail
from crm_runtime.ports import free_ports

MakeBroker = Callable[[], EmbeddedBroker]


@pytest.fixture
async def make_broker(tmp_path: Path) -> AsyncIterator[MakeBroker]:
    """Makes brokers over one data folder, each on a port of its own; they are stopped at the end."""
    async with AsyncExitStack() as stack:

        def make() -> EmbeddedBroker:
            broker = EmbeddedBroker(tmp_path / "broker", free_ports(1)[0], tmp_path / "broker.log")
            stack.push_async_callback(broker.stop)
            return broker

        yield make


async def make_topic(bootstrap: str, topic: str) -> None:
    """Topics never make themselves here: the platform switches that off for its process."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


async def publish(broker: EmbeddedBroker, *values: bytes, topic: str = "crm.thing.v1") -> None:
    await make_topic(broker.bootstrap, topic)
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
    await producer.start()
    for value in values:
        headers = [("ce_type", b"thing.made"), ("ce_subject", b"a1"), ("ce_sequence", b"1")]
        await producer.send_and_wait(topic, value, headers=headers)
    await producer.stop()


async def read(broker: EmbeddedBroker, topic: str = "crm.thing.v1") -> bytes:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        value: bytes = (await asyncio.wait_for(consumer.getone(), 10)).value
        return value
    finally:
        await consumer.stop()


async def test_it_keeps_its_log_over_a_clean_stop_and_is_local(make_broker: MakeBroker) -> None:
    first = make_broker()
    await first.start()
    connections = psutil.Process(first.child.identity.pid).net_connections()
    assert {connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN} == {
        "127.0.0.1"
    }
    await publish(first, b"kept")
    await first.stop()
    assert first.child.exit_code == 0
    assert not await answers_metadata(first.bootstrap, timeout_seconds=1.0)
    second = make_broker()
    await second.start()
    assert await read(second) == b"kept"


async def test_a_broker_left_on_the_folder_is_stopped_first(make_broker: MakeBroker) -> None:
    orphan, second = make_broker(), make_broker()
    await orphan.start()
    await publish(orphan, b"kept")
    await second.start()
    assert await orphan.child.wait() == 0
    assert await read(second) == b"kept"


async def test_a_note_of_a_broker_that_is_gone_is_no_obstacle(make_broker: MakeBroker, tmp_path: Path) -> None:
    first = make_broker()
    await first.start()
    first.child.kill()
    await first.child.wait()
    assert (tmp_path / "broker" / "noida.control.json").exists()
    second = make_broker()
    await second.start()
    assert second.child.exit_code is None


async def test_an_unreadable_log_is_put_aside(make_broker: MakeBroker, tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "kafka.json").write_text('{"topics": [[', encoding="utf-8")
    broker = make_broker()
    await broker.start()
    await publish(broker, b"new")
    assert await read(broker) == b"new"
    assert (tmp_path / "broker" / "kafka.json.unreadable").exists()


async def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(RuntimeProblem, match=f"Port {port}, which the broker wants, is taken by"),
    ):
        await EmbeddedBroker(tmp_path / "broker", port, tmp_path / "broker.log").start()


async def test_a_missing_wheel_is_one_sentence(make_broker: MakeBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "noida_db", None)
    with pytest.raises(RuntimeProblem, match=r"package noida-db\) is not installed"):
        await make_broker().start()


async def test_tail_shows_what_was_and_what_comes(make_broker: MakeBroker) -> None:
    broker = make_broker()
    await broker.start()
    await publish(broker, '{"state": {"name": "王小明"}}'.encode(), b"no json")
    await publish(broker, b"{}", topic="other.v1")
    events = tail(broker.bootstrap, None, prefix="crm.", from_start=True)
    first, second = await anext(events), await anext(events)
    assert first.topic == "crm.thing.v1"
    assert first.attributes == {"type": "thing.made", "subject": "a1", "sequence": "1"}
    assert first.data == {"state": {"name": "王小明"}}
    assert '"data": {"state": {"name": "王小明"}}' in first.as_json()
    assert second.data == "no json"
    waiting = asyncio.ensure_future(anext(events))
    await publish(broker, b"3")
    assert (await asyncio.wait_for(waiting, 10)).data == 3
    await events.aclose()


async def test_tail_of_an_unknown_topic_names_the_known_ones(make_broker: MakeBroker) -> None:
    broker = make_broker()
    await broker.start()
    await publish(broker, b"1")
    with pytest.raises(RuntimeProblem, match=r"There is no topic crm\.nothing\.v1; there are: crm\.thing\.v1"):
        await anext(tail(broker.bootstrap, ["crm.nothing.v1"], prefix="crm.", from_start=False))
