"""Telling Kafka how far a service has read, for the tools that show lag. Nothing here depends on it.

The positions that count are in the service's database. A commit that fails, or a broker that does not answer, is of
no consequence, so this runs apart from the consumer, with a client of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer

from crm_platform.events.kafka import CLIENT_ERRORS, KafkaOptions, Slot, bounded, new_consumer, stop_quietly
from crm_platform.events.supervise import keep_running, wait_any

_log = structlog.get_logger(__name__)


class GroupOffsets:
    """Commits positions as offsets of a consumer group that has no members."""

    def __init__(
        self, kafka: KafkaOptions, group: str, positions: Callable[[], Mapping[Slot, int]], *, interval: float = 5.0
    ) -> None:
        """`positions` gives the next offset of each partition that this process reads; `interval` is in seconds."""
        self._kafka = kafka
        self._group = group
        self._positions = positions
        self._interval = interval

    async def run(self, stop: asyncio.Event) -> None:
        """Commit from time to time until `stop`."""
        await keep_running(lambda: self._session(stop), stop, name="group-offsets")

    async def _session(self, stop: asyncio.Event) -> None:
        client: Any = None
        told: Mapping[Slot, int] = {}
        try:
            while not await wait_any(self._interval, stop):
                positions = self._positions()
                if positions == told or not positions:
                    continue
                if client is None:
                    client = await new_consumer(self._kafka, "crm-group-offsets", group_id=self._group)
                await self._commit(client, positions)
                told = positions
        except CLIENT_ERRORS as error:
            _log.debug("group_offsets_not_committed", error=repr(error))
            await wait_any(self._interval, stop)
        finally:
            if client is not None:
                await stop_quietly(client, 2.0)

    async def _commit(self, client: AIOKafkaConsumer, positions: Mapping[Slot, int]) -> None:
        offsets = {self._kafka.place(slot): offset for slot, offset in positions.items()}
        client.assign(list(offsets))
        # Nothing is read through this client: paused partitions are not fetched.
        client.pause(*offsets)
        await bounded(client.commit(offsets), self._kafka.request_timeout)
