"""P6: of many clients that change the same version of a record, exactly one succeeds."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from tests.promises.conftest import Scale, Tell
from tests.promises.gateway import Answer, ask
from tests.real_system import RealSystem

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

CLIENTS = 50


@dataclass(frozen=True)
class Contest:
    """What all clients do to one record at the same time, round by round; each says something of its own."""

    package: str
    aggregate: str
    collection: str
    new: dict[str, Any]
    steps: tuple[str, ...] = ("",)
    """Actions, one a round, from the beginning again after the last; empty for a PATCH."""
    member: str = "name"

    def step(self, number: int) -> str:
        return self.steps[number % len(self.steps)]


TICKET = {"customer_id": str(uuid4()), "kind": "question", "subject": "Acme"}
PRODUCT = {"code": f"P-{uuid4()}", "name": "Acme", "list_price": {"amount": "100", "currency": "CNY"}}
CONTESTS = {
    "customers": Contest("customer_svc", "customer", "customers", {"name": "Acme"}),
    "customers' actions": Contest("customer_svc", "customer", "customers", {"name": "Acme"}, ("activate", "rest")),
    "opportunities": Contest("sales_svc", "opportunity", "opportunities", {"name": "Acme"}),
    "products": Contest("sales_svc", "product", "products", PRODUCT),
    "tickets": Contest("service_desk_svc", "ticket", "tickets", TICKET, member="subject"),
}


async def attempt(
    session: aiohttp.ClientSession, contest: Contest, path: str, step: str, who: str, *, version: int
) -> Answer:
    if step:
        return await ask(session, "POST", f"{path}/{step}", {"reason": who}, version=version)
    return await ask(session, "PATCH", path, {contest.member: who}, version=version)


@pytest.mark.parametrize("name", list(CONTESTS))
async def test_of_fifty_clients_one_wins_each_round(
    system: RealSystem, session: aiohttp.ClientSession, scale: Scale, tell: Tell, name: str
) -> None:
    contest, rounds = CONTESTS[name], scale.of(2, 20)
    created = await ask(session, "POST", contest.collection, contest.new)
    assert created.status == 201, created.content
    id, shown = created.body["id"], created
    path, winners = f"{contest.collection}/{id}", []

    for number in range(rounds):
        clients = [f"{number}/{client}" for client in range(CLIENTS)]
        attempts = [
            attempt(session, contest, path, contest.step(number), who, version=shown.version) for who in clients
        ]
        answers = dict(zip(clients, await asyncio.gather(*attempts), strict=True))

        assert Counter(answer.status for answer in answers.values()) == {200: 1, 412: CLIENTS - 1}
        ((winner, won),) = [(who, answer) for who, answer in answers.items() if answer.status == 200]
        assert won.version == shown.version + 1
        if not contest.step(number):
            assert won.body[contest.member] == winner
        winners.append(winner)
        shown = await ask(session, "GET", path)
        assert (shown.version, shown.body) == (won.version, won.body)

    assert await trail(system, contest, id) == await told(system, contest, id) == list(range(1, rounds + 2))
    if contest.step(0):
        reasons = await system.rows(
            contest.package, "SELECT reason FROM audit_entries WHERE aggregate_id = $1 ORDER BY version", UUID(id)
        )
        assert [row["reason"] for row in reasons][1:] == winners
    tell(f"P6  {name}: {rounds} rounds of {CLIENTS} clients, {rounds} winners, {rounds * (CLIENTS - 1)} × 412, 0 lost")


async def trail(system: RealSystem, contest: Contest, id: str) -> list[int]:
    """The versions in the audit trail."""
    statement = "SELECT version FROM audit_entries WHERE aggregate_type = $1 AND aggregate_id = $2 ORDER BY version"
    return [row["version"] for row in await system.rows(contest.package, statement, contest.aggregate, UUID(id))]


async def told(system: RealSystem, contest: Contest, id: str) -> list[int]:
    """The versions that events tell of."""
    statement = "SELECT version FROM outbox WHERE aggregate_type = $1 AND aggregate_id = $2 ORDER BY version"
    return [row["version"] for row in await system.rows(contest.package, statement, contest.aggregate, UUID(id))]
