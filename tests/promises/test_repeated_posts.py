"""P5: a POST that is repeated with its Idempotency-Key has one effect, also when the service dies before the answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from crm_platform.context import Caller
from crm_platform.events.crashpoints import AFTER_COMMIT, KILLED
from crm_platform.testing.identity import ISSUER, TokenIssuer, caller
from crm_runtime.environment import process_environment
from crm_runtime.launcher import Launcher
from crm_runtime.ports import free_ports
from crm_runtime.program import Commands, Program, filled_in
from tests.promises.conftest import Scale, Tell
from tests.promises.gateway import Answer, ask
from tests.real_system import RealSystem

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

KEYS = 20
"""Requests of one round, all at the same time."""
COPIES = 3
"""How often each of them is repeated, all at the same time."""
BATCH = 3


@dataclass
class Victim:
    """An API process of customer-svc beside the system's own, which dies when it is told to."""

    system: RealSystem
    launcher: Launcher
    issuer: TokenIssuer
    port: int
    kills: int = 0

    @asynccontextmanager
    async def running(self, who: Caller, crashpoint: str) -> AsyncIterator[aiohttp.ClientSession]:
        one = self.system.topology.find("customer-svc")
        assert one is not None
        process = Program(
            "victim",
            filled_in(Commands().serve, one.package),
            {
                **process_environment(self.system.topology, self.system.connections(), one, port=self.port),
                "CRM_AUTH__ISSUER": ISSUER,
                "CRM_AUTH__JWKS_URL": self.issuer.settings.jwks_url,
                "CRM_CRASHPOINT": crashpoint,
                "CRM_LIMITS__REQUESTS_PER_MINUTE": "1000000",
            },
            port=self.port,
            log_file=self.system.folder / "logs" / "victim.log",
            spawn=self.launcher.spawn,
        )
        await process.start()
        try:
            async with aiohttp.ClientSession(
                base_url=f"http://127.0.0.1:{self.port}/v1/",
                headers={"authorization": f"Bearer {self.issuer.token(who)}"},
                connector=aiohttp.TCPConnector(limit=0),
            ) as session:
                yield session
        finally:
            process.child.kill()
            self.kills += await process.child.wait() == KILLED


@pytest.fixture
async def victim(system: RealSystem, tmp_path: Path) -> AsyncIterator[Victim]:
    launcher = Launcher(["crm_platform.serve", "customer_svc.main"], system.folder / "logs" / "victims.log")
    await launcher.start()
    yield Victim(system, launcher, TokenIssuer(tmp_path), free_ports(1)[0])
    await launcher.stop()


@dataclass
class Request:
    """One POST, with everything that was answered to it."""

    path: str
    body: dict[str, Any]
    effects: int
    """Rows, events and audit entries that it makes."""
    version: int = 0
    key: str = field(default_factory=lambda: str(uuid4()))
    answers: list[Answer] = field(default_factory=list)
    sent: int = 0

    async def send(self, session: aiohttp.ClientSession) -> None:
        self.sent += 1
        try:
            answer = await ask(session, "POST", self.path, self.body, version=self.version, idempotency_key=self.key)
        except aiohttp.ClientError:
            return  # killed before the answer
        self.answers.append(answer)


async def requests_of(session: aiohttp.ClientSession, pick: Random, count: int) -> list[Request]:
    """Creations, batches and actions, drawn."""
    drawn = []
    for number in range(count):
        kind = pick.choice(["create", "create", "batch", "act"])
        if kind == "create":
            drawn.append(Request("customers", {"name": f"Acme {number}"}, 1))
        elif kind == "batch":
            items = [{"name": f"Acme {number}/{item}"} for item in range(BATCH)]
            drawn.append(Request("customers/batch", {"items": items}, BATCH))
        else:
            made = await ask(session, "POST", "customers", {"name": f"Globex {number}"})
            drawn.append(Request(f"customers/{made.body['id']}/activate", {"reason": "won"}, 1, version=1))
    return drawn


async def one_round(victim: Victim, who: Caller, pick: Random, count: int) -> list[Request]:
    """Send requests to a process that dies, repeat them at one that dies too, and then at one that lives."""
    async with victim.running(who, "") as session:
        requests = await requests_of(session, pick, count)
    for copies, crashpoint in (
        (1, f"{AFTER_COMMIT}:{pick.randint(1, count)}"),
        (COPIES, f"{AFTER_COMMIT}:{pick.randint(1, 2)}"),
        (COPIES, ""),
    ):
        order = [request for request in requests for _ in range(copies)]
        pick.shuffle(order)
        async with victim.running(who, crashpoint) as session:
            await asyncio.gather(*(request.send(session) for request in order))
    return requests


async def count(system: RealSystem, who: Caller, table: str) -> int:
    """How many entries of a table one round has made; each round is another tenant."""
    statement = f"SELECT count(*) AS number FROM {table} WHERE tenant_id = $1"
    return int((await system.rows("customer_svc", statement, who.tenant_id))[0]["number"])


def judge(request: Request) -> None:
    """All answers to a request are the first one, to the byte."""
    assert len(request.answers) >= COPIES
    assert request.answers[0].status in {200, 201}
    assert len({(one.status, one.content, one.headers.get("etag")) for one in request.answers}) == 1, request
    assert sum("idempotent-replayed" not in answer.headers for answer in request.answers) <= 1


async def test_a_repeated_post_has_one_effect_also_across_kills(
    system: RealSystem, victim: Victim, scale: Scale, tell: Tell
) -> None:
    pick, rounds = scale.random("P5"), scale.of(1, 9)
    retries = unanswered = 0
    for _ in range(rounds):
        who = caller()
        requests = await one_round(victim, who, pick, KEYS)

        for request in requests:
            judge(request)
        effects = sum(request.effects for request in requests)
        prepared = sum(request.path.endswith("/activate") for request in requests)
        assert await count(system, who, "customers") == effects
        assert await count(system, who, "outbox") == effects + prepared
        assert await count(system, who, "audit_entries") == effects + prepared
        assert await count(system, who, "idempotency") == len(requests)
        retries += sum(request.sent - 1 for request in requests)
        unanswered += sum(request.sent - len(request.answers) for request in requests)

    assert victim.kills >= rounds
    tell(
        f"P5  {rounds * KEYS} POSTs, {retries} retries, {victim.kills} kills between commit and answer, "
        f"{unanswered} attempts without an answer, 0 doubles"
    )
