"""The stream of an operation's progress on its way through the gateway."""

import asyncio
from collections.abc import AsyncIterator

import httpx

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from gateway_tests.serving import GatewayParts, run_gateway, serve
from platform_tests.operations.slice import Control
from platform_tests.operations.support import House

ROUTES = {"sales-svc": ("operations",)}


async def lines_of(answer: httpx.Response) -> AsyncIterator[str]:
    """Lines that are not empty, as they come."""
    async for line in answer.aiter_lines():
        if line:
            yield line


async def test_progress_comes_through_while_it_happens(house: House, agent: Caller, control: Control) -> None:
    reached, opened = asyncio.Event(), asyncio.Event()

    async def gate(_: str, cursor: int) -> None:
        if cursor == 2:
            reached.set()
            await opened.wait()

    control.gate = gate
    path = await house.begin(agent, products=4)
    parts = GatewayParts(issuer=house.service.issuer, key_holder=caller())
    told: list[str] = []
    async with (
        serve(house.service.app) as service,
        run_gateway(parts, {"sales-svc": service.url}, routes=ROUTES) as gateway,
        gateway.client(agent) as client,
        house.working(),
        client.stream("GET", f"/api{path}/events") as answer,
        asyncio.timeout(60),
    ):
        async for line in lines_of(answer):
            told.append(line)
            if line.startswith("data: ") and '"done":2' in line.replace(" ", ""):
                opened.set()  # only now can there be anything more to tell

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert reached.is_set()
    assert told[0] == "retry: 1000"
    assert [line for line in told if line.startswith("event: ")][-1] == "event: end"
    assert '"status":"succeeded"' in told[-1].replace(" ", "")
