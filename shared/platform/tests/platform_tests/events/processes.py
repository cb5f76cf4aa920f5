"""Processes that a test may kill: parts of the engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from crm_platform.testing import processes
from crm_platform.testing.processes import Victim
from platform_tests.events.support import Ends


class Nursery(processes.Nursery):
    """Starts victims, see `victim`."""

    def __init__(self, module: str = "platform_tests.events.victim") -> None:
        """`module` says what its victims do."""
        super().__init__(module, [Path(__file__).parents[2]])

    @asynccontextmanager
    async def victim(self, ends: Ends, *parts: str, crashpoint: str = "") -> AsyncIterator[Victim]:
        """Parts of the engine in a process that dies or freezes at a crash point."""
        kafka = {"bootstrap": ends.kafka.bootstrap, "topic_prefix": ends.kafka.topic_prefix, "request_timeout": 3.0}
        dsns = {"producer_dsn": ends.producer_dsn, "reader_dsn": ends.reader_dsn}
        async with self.spawned({**dsns, "kafka": kafka, "parts": parts, "crashpoint": crashpoint}) as victim:
            yield victim
