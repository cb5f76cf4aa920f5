import asyncio
from typing import Any

from aiokafka.protocol.fetch import FetchRequest

from crm_platform.events.kafka import KafkaOptions, Slot, ensure_topics, new_consumer, stop_quietly
from crm_platform.events.pacing import HELD_SECONDS, LONGEST_PAUSE, SHORTEST_PAUSE, Pace
from platform_tests.events.support import TOPIC, inbound_headers, send_raw


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_pauses_grow_with_the_time_without_records() -> None:
    clock = Clock()
    pace = Pace(clock)
    pauses = []
    for idle in (0.0, 0.005, 0.02, 0.2, 0.4, 60.0):
        clock.now = 100.0 + idle
        pace.asking()
        pauses.append(round(pace.pause_after(empty=True), 6))
    assert pauses == [SHORTEST_PAUSE, SHORTEST_PAUSE, 0.002, 0.02, LONGEST_PAUSE, LONGEST_PAUSE]
    assert pace.pause_after(empty=False) == 0
    assert pace.pause_after(empty=True) == SHORTEST_PAUSE


def test_an_answer_that_the_broker_held_back_is_followed_at_once() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.asking()
    clock.now += HELD_SECONDS + 0.01
    assert pace.pause_after(empty=True) == 0
    pace.asking()
    assert round(pace.pause_after(empty=True), 6) == 0.011


async def test_an_idle_broker_is_asked_seldom_and_news_still_arrive(kafka: KafkaOptions) -> None:
    await ensure_topics(kafka, [TOPIC])
    consumer = await new_consumer(kafka, "test")
    asked: list[Any] = []
    below = consumer._client.send  # noqa: SLF001  seen from below the pauses

    async def counted(node: int, request: Any, **options: Any) -> Any:
        asked.extend([request] * isinstance(request, FetchRequest))
        return await below(node, request, **options)

    consumer._client.send = counted  # noqa: SLF001  as above
    try:
        places = [kafka.place(Slot(TOPIC, number)) for number in range(kafka.partitions)]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, 0)
        assert await consumer.getmany(timeout_ms=1000) == {}
        assert 0 < len(asked) <= 100, "without pauses it is several hundred"
        waiting = asyncio.ensure_future(consumer.getone())
        await send_raw(kafka, TOPIC, ("key", inbound_headers("x", "thing.changed", subject="x"), b"{}"))
        assert (await asyncio.wait_for(waiting, 30)).value == b"{}"
    finally:
        await stop_quietly(consumer)
