import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.settings import KafkaSettings
from crm_platform.testing.events import working
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.worker import Worker
from gateway.proxy.routes import PUBLIC_PREFIX, ROUTES
from tests.examples.pages import Reader, exchanges
from tests.examples.test_pages_through_the_gateway import THROUGH_THE_GATEWAY
from tools.layout import ROOT

FOLDER = ROOT / "docs" / "examples"
PAGES = {
    "customers": ("customer-svc",),
    "pool": ("customer-svc",),
    "communications": ("customer-svc",),
    "contracts": ("customer-svc", "sales-svc", "project-svc"),
    "control": ("customer-svc", "project-svc"),
    "closing": ("customer-svc", "project-svc"),
    "contacts": ("customer-svc",),
    "custom-fields": ("customer-svc",),
    "deliveries": ("customer-svc", "project-svc"),
    "duplicates": ("customer-svc",),
    "exports": ("customer-svc",),
    "history": ("customer-svc",),
    "imports": ("customer-svc",),
    "monitoring": ("customer-svc", "project-svc"),
    "outcomes": ("customer-svc", "project-svc"),
    "planning": ("customer-svc", "project-svc"),
    "plan-files": ("customer-svc", "project-svc"),
    "portfolio": ("customer-svc", "project-svc"),
    "privacy": ("customer-svc", "sales-svc", "service-desk-svc", "project-svc", "analytics-svc"),
    "quality": ("customer-svc",),
    "requirements": ("customer-svc", "project-svc"),
    "risks": ("customer-svc", "project-svc"),
    "saved-views": ("customer-svc",),
    "segments": ("customer-svc", "service-desk-svc"),
    "templates": ("customer-svc", "project-svc"),
    "won-deal-to-outcome": ("customer-svc", "sales-svc", "service-desk-svc", "project-svc"),
}
"""Pages, and the services that they speak to."""


DEADLINE = 120.0
"""Seconds that a request may take: pages show what is answered, not how soon."""


@dataclass
class Services:
    """Services at work, each with its worker; started when a page first needs them, and then shared by all pages."""

    start: StartService
    kafka: KafkaSettings
    stack: AsyncExitStack
    running: dict[str, RunningService] = field(default_factory=dict)

    async def need(self, names: Iterable[str]) -> None:
        """Start those that are not at work yet."""
        for name in names:
            if name not in self.running:
                service = import_module(f"{name.replace('-', '_')}.slices").SERVICE
                started = await self.start(service, kafka=self.kafka, deadline_seconds=DEADLINE)
                await self.stack.enter_async_context(working(Worker(started.service, started.settings)))
                self.running[name] = started


@pytest.fixture(scope="module")
async def services(
    start_shared_service: StartService, kafka_bootstrap: str, topic_prefix: str
) -> AsyncIterator[Services]:
    kafka = KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=f"{topic_prefix}pages.")
    async with AsyncExitStack() as stack:
        yield Services(start_shared_service, kafka, stack)


@pytest.fixture
async def reader(request: pytest.FixtureRequest, services: Services, agent: Caller) -> AsyncIterator[Reader]:
    """Somebody who follows a page in a tenant of his own, with a colleague and the services that it needs at work."""
    await services.need(request.param)
    async with AsyncExitStack() as stack:
        clients = {name: await stack.enter_async_context(services.running[name].as_(agent)) for name in request.param}

        async def send(method: str, path: str, headers: dict[str, str], body: Any) -> httpx.Response:
            inner = path.removeprefix(PUBLIC_PREFIX)
            collection = inner.split("/")[2].partition("?")[0]
            (service,) = (name for name, collections in ROUTES.items() if collection in collections)
            content = None if body is None else body if isinstance(body, str) else json.dumps(body)
            kind = {} if body is None or isinstance(body, str) else {"content-type": "application/json"}
            return await clients[service].request(method, inner, content=content, headers={**kind, **headers})

        issuer = services.running[request.param[0]].issuer
        yield Reader(send, folder=FOLDER, colleague=issuer.token(caller(tenant_id=agent.tenant_id)))


def test_every_page_is_carried_out() -> None:
    pages = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert {name for name, text in pages.items() if list(exchanges(text))} == PAGES.keys() | THROUGH_THE_GATEWAY


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


async def test_a_file_is_shown_line_by_line() -> None:
    page = "```http\nPOST /f\nContent-Type: text/csv\n\nx,1\n```\n\n```text 200\na,{id}\nb,{id}\n```\n"
    sent: list[Any] = []

    def answering(text: str) -> Reader:
        async def send(*request: Any) -> httpx.Response:
            sent.append(request)
            return httpx.Response(200, text=text)

        return Reader(send)

    assert await answering("a,7\r\nb,7\r\n").carry_out(page) == 1
    assert sent == [("POST", "/f", {"Content-Type": "text/csv"}, "x,1\n")]
    for other in ("a,7\nb,8\n", "a,7\n", "a,7\nb,7\nc\n", "x,7\nb,7\n"):
        with pytest.raises(AssertionError, match="but was"):
            await answering(other).carry_out(page)


async def test_a_picture_is_compared_with_the_one_beside_the_page(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg><text>P80 7</text></svg>", encoding="utf-8")
    exact, by_chance = (
        "```http\nGET /a\n```\n\n![A](a.svg)\n",
        '```http\nGET /a\n```\n\n![A](a.svg "drawn by chance")\n',
    )

    def drawn(picture: str, page: str) -> bool:
        (exchange,) = exchanges(page)
        return bool(exchange.answer.is_drawn(picture.encode(), tmp_path))

    pictures = ["<svg><text>P80 7</text></svg>", "<svg><text>P80 9</text></svg>", "<svg><text>Q80 7</text></svg>"]
    assert [drawn(picture, exact) for picture in pictures] == [True, False, False]
    assert [drawn(picture, by_chance) for picture in pictures] == [True, True, False]
