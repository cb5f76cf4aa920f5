"""Parts of the engine in a process of their own, to be killed or frozen; the argument is JSON."""

import asyncio
import json
import signal
import sys
from typing import Any

from crm_platform.events.kafka import KafkaOptions
from crm_platform.events.replay import Replayer
from platform_tests.events.support import Ends, Runs


async def main(options: dict[str, Any]) -> None:
    """Run the parts that `options` names until SIGTERM."""
    ends = Ends(options["producer_dsn"], options["reader_dsn"], "", KafkaOptions(**options["kafka"]))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    relay = ends.relay()
    relay.when_leading.append(Replayer())
    parts: dict[str, Runs] = {"relay": relay, "consumer": ends.consumer(), "redriver": ends.redriver()}
    await asyncio.gather(*(parts[name].run(stop) for name in options["parts"]))


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
