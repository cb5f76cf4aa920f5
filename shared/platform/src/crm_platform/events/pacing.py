"""Asking a broker for records that answers at once also when it has none.

A consumer asks its broker to hold an empty answer back for up to half a second, and Apache Kafka does. The embedded
broker does not: six idle workers asked it four hundred times a second each and kept a core busy. So a client waits
by itself after an empty answer that came early: the longer, the longer there have been no records.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.fetch import FetchRequest

SHORTEST_PAUSE: Final = 0.001
LONGEST_PAUSE: Final = 0.04
"""Seconds; the most that an event on an idle broker waits for its reader."""
IDLE_SHARE: Final = 0.1
"""What a pause may be of the time without records: it adds at most that much to the wait for the next one."""
HELD_SECONDS: Final = 0.1
"""A broker that took this long over an empty answer has held it back."""


class Pace:
    """How long to wait before asking again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked_at = self._records_at = clock()

    def asking(self) -> None:
        """A request goes out."""
        self._asked_at = self._clock()

    def pause_after(self, *, empty: bool) -> float:
        """Seconds to wait now that the answer is here."""
        now = self._clock()
        if not empty:
            self._records_at = now
        if not empty or now - self._asked_at > HELD_SECONDS:
            return 0.0
        return min(max((now - self._records_at) * IDLE_SHARE, SHORTEST_PAUSE), LONGEST_PAUSE)


def pace_fetches(consumer: AIOKafkaConsumer) -> None:
    """Make a consumer wait between empty answers to its fetches."""
    client = consumer._client  # noqa: SLF001  aiokafka has no setting for it
    send = client.send
    paces: dict[int, Pace] = {}

    async def send_paced(node: int, request: Any, **options: Any) -> Any:
        if not isinstance(request, FetchRequest):
            return await send(node, request, **options)
        pace = paces.setdefault(node, Pace())
        pace.asking()
        answer = await send(node, request, **options)
        if pause := pace.pause_after(empty=_is_empty(answer)):
            await asyncio.sleep(pause)
        return answer

    client.send = send_paced


def _is_empty(answer: Any) -> bool:
    """Whether there are neither records nor errors in an answer to a fetch."""
    return not any(partition[1] or partition[-1] for _, partitions in answer.topics for partition in partitions)
