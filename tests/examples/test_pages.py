import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from importlib import import_module
from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import StartService
from gateway.proxy.routes import PUBLIC_PREFIX, ROUTES
from tests.examples.pages import Reader, exchanges
from tools.layout import ROOT

FOLDER = ROOT / "docs" / "examples"
PAGES = {
    "customers": ("customer-svc",),
    "pool": ("customer-svc",),
    "communications": ("customer-svc",),
    "contacts": ("customer-svc",),
    "duplicates": ("customer-svc",),
    "history": ("customer-svc",),
    "privacy": ("customer-svc", "sales-svc", "service-desk-svc", "project-svc", "analytics-svc"),
    "quality": ("customer-svc",),
    "requirements": ("customer-svc", "project-svc"),
    "saved-views": ("customer-svc",),
    "segments": ("customer-svc", "service-desk-svc"),
}
"""Pages, and the services that they speak to."""


@pytest.fixture
async def reader(
    request: pytest.FixtureRequest, start_service: StartService, start_worker: StartWorker, agent: Caller
) -> AsyncIterator[Reader]:
    """Somebody who follows a page, with the services that it needs at work."""
    clients: dict[str, httpx.AsyncClient] = {}
    async with AsyncExitStack() as stack:
        for name in request.param:
            running = await start_service(import_module(f"{name.replace('-', '_')}.slices").SERVICE)
            await start_worker(running)
            clients[name] = await stack.enter_async_context(running.as_(agent))

        async def send(method: str, path: str, headers: dict[str, str], body: Any) -> httpx.Response:
            inner = path.removeprefix(PUBLIC_PREFIX)
            collection = inner.split("/")[2].partition("?")[0]
            (service,) = (name for name, collections in ROUTES.items() if collection in collections)
            content = None if body is None else json.dumps(body)
            kind = {"content-type": "application/json"} if body is not None else {}
            return await clients[service].request(method, inner, content=content, headers={**kind, **headers})

        yield Reader(send)


def test_every_page_is_carried_out() -> None:
    pages = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert {name for name, text in pages.items() if list(exchanges(text))} == set(PAGES)


@pytest.mark.parametrize(("page", "reader"), PAGES.items(), indirect=["reader"], ids=list(PAGES))
async def test_a_page_shows_what_happens(page: str, reader: Reader) -> None:
    text = (FOLDER / f"{page}.md").read_text(encoding="utf-8")

    assert await reader.carry_out(text) == len(list(exchanges(text))) > 0


async def test_a_page_that_shows_something_else_is_noticed() -> None:
    page = '```http\nPOST /x\n\n{"a": 1}\n```\n\n```json 201\n{"items": [{"id": "{one}"}], "same": "{one}"}\n```\n'
    sent: list[Any] = []

    def answering(status: int, content: Any) -> Reader:
        async def send(*request: Any) -> httpx.Response:
            sent.append(request)
            return httpx.Response(status, json=content)

        return Reader(send)

    fitting = {"items": [{"id": 7, "more": 1}], "same": 7, "further": None}
    assert await answering(201, fitting).carry_out(page) == 1
    assert sent == [("POST", "/x", {}, {"a": 1})]
    others = [(200, fitting), (201, fitting | {"same": 8}), (201, fitting | {"items": []}), (201, {"same": 7})]
    for status, content in others:
        with pytest.raises(AssertionError, match="but was"):
            await answering(status, content).carry_out(page)
    with pytest.raises(AssertionError, match="without an answer"):
        list(exchanges("```http\nGET /x\n```\n"))
