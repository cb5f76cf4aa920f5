"""P10: with one service down the others work, its own pages say so in time, and nobody hammers it."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import aiohttp
import pytest

from crm_platform.testing.waiting import until
from gateway.proxy.breaker import BreakerPolicy
from tests.promises.conftest import Scale, Tell
from tests.promises.gateway import Answer, ask, upstream_figures
from tests.promises.outage import black_hole, killed, unsupervised
from tests.real_system import RealSystem

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

CLIENTS = 20
DEADLINE = 3.0
SLACK = 10.0
"""Seconds that a busy machine may take to deliver an answer that was made in time."""
MOST = 1.2
"""Requests at the service for each request of a client."""
COLLECTIONS = {
    "customer-svc": "customers",
    "sales-svc": "orders",
    "service-desk-svc": "tickets",
    "project-svc": "projects",
    "analytics-svc": "reports/sales",
}


async def shown(session: aiohttp.ClientSession, service: str, count: int) -> Sequence[tuple[Answer, float]]:
    """Many readers of what one service has, so many at a time; each answer with the seconds it took."""
    turn = asyncio.Semaphore(CLIENTS)

    async def one() -> tuple[Answer, float]:
        async with turn:
            began = time.monotonic()
            answer = await ask(session, "GET", COLLECTIONS[service], crm_deadline_ms=str(int(DEADLINE * 1000)))
            return answer, time.monotonic() - began

    return await asyncio.gather(*(one() for _ in range(count)))


async def shown_until_refused(
    system: RealSystem, session: aiohttp.ClientSession, service: str, count: int
) -> Sequence[tuple[Answer, float]]:
    """So many requests, and more while the breaker still counts what succeeded in the seconds before."""
    answers = list(await shown(session, service, count))
    deadline = time.monotonic() + 3 * BreakerPolicy().window
    while not (await upstream_figures(system, service))["breaker_open"]:
        assert time.monotonic() < deadline, "the breaker does not open"
        answers += await shown(session, service, CLIENTS)
    return answers


async def others_work(session: aiohttp.ClientSession, down: str) -> None:
    for service, collection in COLLECTIONS.items():
        if service != down:
            answers = await asyncio.gather(*(ask(session, "GET", collection) for _ in range(5)))
            assert {answer.status for answer in answers} == {200}, (collection, answers)


async def view_names_what_is_missing(session: aiohttp.ClientSession, customer: str, down: str) -> None:
    view = await ask(session, "GET", f"customers/{customer}/360", crm_deadline_ms=str(int(DEADLINE * 1000)))
    assert view.status == 200
    assert {part["service"] for part in view.body["missing"]} == {down}
    assert {part["code"] for part in view.body["missing"]} <= {"upstream_unavailable", "deadline_exceeded"}
    assert view.body["customer"]["id"] == customer


def judge(answers: Sequence[tuple[Answer, float]], statuses: set[int]) -> str:
    """Every answer is a problem document in time; a summary."""
    assert {answer.status for answer, _ in answers} <= statuses
    assert {answer.headers["content-type"] for answer, _ in answers} == {"application/problem+json"}
    assert {answer.body["code"] for answer, _ in answers} <= {"upstream_unavailable", "deadline_exceeded"}
    slowest = max(seconds for _, seconds in answers)
    assert slowest < DEADLINE + SLACK
    counts = ", ".join(f"{number} × {status}" for status, number in Counter(one.status for one, _ in answers).items())
    return f"{counts}, the slowest after {slowest:.1f} s of {DEADLINE:.0f} s"


async def recovered(system: RealSystem, session: aiohttp.ClientSession, service: str) -> None:
    """The service is back, its breaker is closed, and all of its requests succeed again."""

    async def closed() -> bool:
        answer = await ask(session, "GET", COLLECTIONS[service], crm_deadline_ms="3000")
        return answer.status == 200 and (await upstream_figures(system, service))["breaker_open"] == 0

    await until(closed, seconds=120)
    assert {answer.status for answer, _ in await shown(session, service, CLIENTS)} == {200}


@pytest.mark.parametrize(("how", "down"), [("killed", "sales-svc"), ("black hole", "project-svc")])
async def test_one_service_down(
    system: RealSystem, session: aiohttp.ClientSession, scale: Scale, tell: Tell, how: str, down: str
) -> None:
    count = scale.of(60, 300)
    customer = (await ask(session, "POST", "customers", {"name": "Acme"})).body["id"]
    assert {answer.status for answer, _ in await shown(session, down, CLIENTS)} == {200}
    before = await upstream_figures(system, down)

    async with unsupervised(system):
        port = await killed(system, down)
        if how == "killed":
            answers = await shown_until_refused(system, session, down, count)
            came = 0
        else:
            async with black_hole(port) as hole:
                answers = await shown_until_refused(system, session, down, count)
                came = hole.heads
                assert 0 < came <= MOST * len(answers)
        told = judge(answers, {503, 504})
        during = await upstream_figures(system, down)
        await others_work(session, down)
        await view_names_what_is_missing(session, customer, down)

    sent = during["calls"] + during["retries"] - before["calls"] - before["retries"]
    assert sent + during["refused"] - before["refused"] <= MOST * len(answers)
    assert during["breaker_open"] == 1
    await recovered(system, session, down)
    tell(
        f"P10 {down} {how}: {len(answers)} requests, {told}; {came} came to its port; "
        "its breaker opened, and closed when it was back"
    )
