"""Parts of the engine in processes of their own, to be killed or frozen by a test.

Run as a program, it is a nursery: it imports everything once, and then forks a process for each line of JSON that it
reads, so that a victim starts in milliseconds. A line with a pid asks for the exit status of that process.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from crm_platform.events.crashpoints import arm
from crm_platform.events.kafka import KafkaOptions
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


Run = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


def spawn(run: Run, options: dict[str, Any]) -> int:
    """Fork a victim that does what ``run`` says; its pid."""
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        arm(options["crashpoint"])
        asyncio.run(run(options))
        os._exit(0)
    return pid


def serve(run: Run) -> None:
    """Serve requests until the input ends."""
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        request = json.loads(line)
        answer = spawn(run, request) if isinstance(request, dict) else os.waitpid(request, 0)[1]
        print(answer, flush=True)  # noqa: T201


if __name__ == "__main__":
    serve(run)
