"""The writer: a steady rate of changes from many clients at once, whatever happens to the system."""

import asyncio
import random
import time
from uuid import UUID

from tests.chaos.client import Client
from tests.chaos.customers import BATCH, Customers
from tests.chaos.deals import Deals, Tickets
from tests.chaos.desk import Desk, Operation

CLIENTS = 32
RATE = 100.0
"""Changes a second that are asked for."""


class Pace:
    """Lets `rate` changes a second begin; what could not begin while all clients waited is not made up for."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._next = time.monotonic()

    async def wait(self, changes: int) -> None:
        """Wait for the turn of so many changes."""
        now = time.monotonic()
        self._next = max(self._next, now - 1.0)
        begin, self._next = self._next, self._next + changes / self._rate
        if begin > now:
            await asyncio.sleep(begin - now)


class Writer:
    """Works on the public API until it is told to stop."""

    def __init__(self, client: Client, *, seed: int, me: UUID, rate: float = RATE) -> None:
        """`me` is a user who can be given tickets."""
        self._pace = Pace(rate)
        self._pick = random.Random(seed)  # noqa: S311 - reproducible on purpose
        desk = Desk(client, self._pick)
        customers, deals, tickets = Customers(desk), Deals(desk), Tickets(desk, str(me))
        self._operations: dict[Operation, float] = {
            customers.create: 14,
            customers.rename: 30,
            customers.move: 6,
            customers.delete: 2,
            customers.batch: 2.5,
            customers.enter_taken: 2,
            customers.rename_stale: 2,
            customers.enter_misfit: 1,
            deals.create: 6,
            deals.move: 11,
            deals.win_too_early: 1,
            deals.begin_project: 3,
            deals.deliver: 10,
            tickets.open: 4,
            tickets.move: 6,
        }
        self._batch: Operation = customers.batch
        self.started_at = self.stopped_at = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Write until `stop`, then wait for the answers that are still out."""
        self.started_at = time.monotonic()
        async with asyncio.TaskGroup() as clients:
            for number in range(CLIENTS):
                clients.create_task(self._work(stop), name=f"client {number}")
        self.stopped_at = time.monotonic()

    async def _work(self, stop: asyncio.Event) -> None:
        operations, weights = list(self._operations), list(self._operations.values())
        while not stop.is_set():
            operation = self._pick.choices(operations, weights)[0]
            await self._pace.wait(BATCH if operation == self._batch else 1)
            await operation()
