"""Server-sent events of an operation's progress.

What is sent is the state, under its version as the event's id: whoever comes back with `Last-Event-ID` gets what has
changed since, in one event. A stream ends with the final state, or shortly before the request's deadline, after which
the client comes back by itself; a client that comes back after the final state gets 204, which tells it to stop.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from crm_platform.context import Caller
from crm_platform.operations.control import show
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.reads.reader import Rendered
from crm_platform.runtime import Runtime

MEDIA_TYPE: Final = "text/event-stream"
FIRST_LOOK: Final = 0.1
LONGEST_LOOK: Final = 1.0
"""Seconds between two looks: the less happens, the longer."""
HEARTBEAT: Final = 5.0
"""Seconds of silence after which a comment shows that the stream is alive."""
MARGIN: Final = 0.5
"""Seconds before the request's deadline at which a stream ends."""
_COME_BACK: Final = b"retry: 1000\n\n"
_BEAT: Final = b": still here\n\n"


def is_over(state: Rendered) -> bool:
    """Whether nothing will come after this state."""
    return OperationStatus(orjson.loads(state.body)["status"]).final


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One stream to one client."""

    runtime: Runtime
    caller: Caller
    id: UUID
    deadline: float
    """Of the request, by the clock of the event loop."""

    async def events(self, state: Rendered, seen: int) -> AsyncIterator[bytes]:
        """The stream from ``state``, which is new to a client that has ``seen`` an earlier version."""
        yield _COME_BACK
        loop = asyncio.get_running_loop()
        pause, told = FIRST_LOOK, loop.time()
        while True:
            if state.version > seen:
                yield _event(state)
                if is_over(state):
                    return
                seen, pause, told = state.version, FIRST_LOOK, loop.time()
            elif loop.time() - told >= HEARTBEAT:
                yield _BEAT
                told = loop.time()
            if self.runtime.leaving or loop.time() + pause > self.deadline - MARGIN:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK)
            state = await self.look()

    async def look(self) -> Rendered:
        """The present state.

        Raises:
            NotFound: The caller may not see it.
        """
        async with self.runtime.database.read(self.caller.tenant_id) as connection:
            return await show(connection, self.caller, self.id)


def _event(state: Rendered) -> bytes:
    name = b"end" if is_over(state) else b"progress"
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (state.version, name, state.body)
