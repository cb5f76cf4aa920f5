"""Readers and writers that go on whatever is restarted, and know what they were promised."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random
from uuid import UUID, uuid4

import aiohttp

from tests.promises.gateway import Answer, ask, connected
from tests.real_system import RealSystem

WORKERS = 8
SESSIONS = 4
REFUSED_PAUSE = 0.05
OK = frozenset({200, 201})


@dataclass
class Load:
    """What was asked, what was answered, and what must be there in the end."""

    system: RealSystem
    pick: Random
    statuses: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    versions: dict[tuple[str, UUID], int] = field(default_factory=dict)
    """The acknowledged version of each record, by package."""
    names: dict[UUID, str] = field(default_factory=dict)
    """The acknowledged name of each customer."""
    knocks: int = 0
    """Connections that the gateway refused, or told that it takes nothing more, while it was restarted itself."""

    @property
    def requests(self) -> int:
        return sum(self.statuses.values())

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Ask and write for the length of the block."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for number in range(SESSIONS):
                group.create_task(self._session(stop, number))
            try:
                yield
            finally:
                stop.set()

    async def _session(self, stop: asyncio.Event, number: int) -> None:
        async with connected(self.system) as session, asyncio.TaskGroup() as group:
            for worker in range(WORKERS // SESSIONS):
                group.create_task(self._work(session, stop, f"{number}/{worker}"))

    async def _work(self, session: aiohttp.ClientSession, stop: asyncio.Event, name: str) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            await self._customer(session, f"{name}/{count}")
            await asyncio.sleep(self.pick.uniform(0, 0.1))

    async def _customer(self, session: aiohttp.ClientSession, name: str) -> None:
        """The life of a customer at several services; half of the creations carry no key."""
        key = str(uuid4()) if self.pick.random() < 0.5 else None
        made = await self._send(session, "POST", "customers", {"name": name}, key=key)
        if made is None:
            return
        id = UUID(made.body["id"])
        self.versions["customer_svc", id], self.names[id] = made.version, name
        changed = await self._send(session, "PATCH", f"customers/{id}", {"name": f"{name}!"}, version=made.version)
        if changed is not None:
            self.versions["customer_svc", id], self.names[id] = changed.version, f"{name}!"
        for package, collection, body in (
            ("sales_svc", "opportunities", {"name": name, "customer_id": str(id)}),
            ("service_desk_svc", "tickets", {"subject": name, "customer_id": str(id), "kind": "question"}),
        ):
            other = await self._send(session, "POST", collection, body)
            if other is not None:
                self.versions[package, UUID(other.body["id"])] = other.version
        view = await self._send(session, "GET", f"customers/{id}/360")
        if view is not None and view.body["missing"]:
            self.failures.append(f"360 view: {view.body['missing']}")
        for collection in ("projects", "orders", "communications"):
            await self._send(session, "GET", f"{collection}?limit=5")

    async def _send(
        self,
        session: aiohttp.ClientSession,
        method: str,
        path: str,
        body: object = None,
        *,
        version: int = 0,
        key: str | None = None,
    ) -> Answer | None:
        """One request that has to succeed; None where it did not.

        The gateway has no gateway before it: who finds it closed, or is told that nothing was taken, asks again.
        """
        headers = {"idempotency_key": key} if key else {}
        while True:
            try:
                answer = await ask(session, method, path, body, version=version, **headers)
            except aiohttp.ClientConnectorError:
                self.knocks += 1
                await asyncio.sleep(REFUSED_PAUSE)
                continue
            except (aiohttp.ClientError, TimeoutError) as error:
                self.statuses[type(error).__name__] += 1
                self.failures.append(f"{method} {path}: {type(error).__name__}: {error}")
                return None
            if answer.status == HTTPStatus.REQUEST_TIMEOUT:
                self.knocks += 1
                continue
            self.statuses[str(answer.status)] += 1
            if answer.status in OK:
                return answer
            self.failures.append(f"{method} {path}: {answer.status} {answer.content[:300]!r}")
            return None
