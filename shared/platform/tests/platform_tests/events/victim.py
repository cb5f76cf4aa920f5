"""Parts of the engine in processes of their own, to be killed or frozen by a test."""

import asyncio
from typing import Any

from crm_platform.events.kafka import KafkaOptions
from crm_platform.testing.processes import serve
from platform_tests.events.support import SHORT_LEASE, Ends, Runs


async def run(options: dict[str, Any]) -> None:
    """Run the parts that `options` names for ever."""
    ends = Ends(options["producer_dsn"], options["reader_dsn"], "", KafkaOptions(**options["kafka"]))
    parts: dict[str, Runs] = {
        "relay": ends.relay(lease=SHORT_LEASE),
        "consumer": ends.consumer(lease=SHORT_LEASE),
        "redriver": ends.redriver(),
    }
    stop = asyncio.Event()
    await asyncio.gather(*(parts[name].run(stop) for name in options["parts"]))


if __name__ == "__main__":
    serve(run)
