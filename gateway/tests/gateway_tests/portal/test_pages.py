import re
from html.parser import HTMLParser

import httpx
import pytest

from crm_contracts.registry import EVENTS, MESSAGES
from gateway.portal.asyncapi import asyncapi
from gateway.portal.catalogue import catalogue_document
from gateway.portal.openapi import UNAVAILABLE
from gateway_tests.portal.support import Portal, describe


class Page(HTMLParser):
    """What a page loads, links to and names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.inline += [name for name in values if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in values):
            self.inline.append(tag)
        if tag in {"script", "img"} and "src" in values:
            self.loads.append(values["src"])
        elif tag in {"link", "a"}:
            (self.loads if tag == "link" else self.links).append(values["href"])
        if "id" in values:
            self.ids.append(values["id"])


@pytest.mark.parametrize("path", ["/docs", "/events"])
async def test_a_page_loads_only_what_the_gateway_has(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    page = Page(answer.text)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'; script-src 'self';" in answer.headers["content-security-policy"]
    assert page.inline == []
    for address in {*page.loads, *(link for link in page.links if not link.startswith("#"))}:
        assert re.match(r"/[a-z]", address), address
        assert (await visitor.get(address)).status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/events"])
async def test_links_within_a_page_lead_somewhere(visitor: httpx.AsyncClient, path: str) -> None:
    page = Page((await visitor.get(path)).text)

    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


async def test_the_events_page_has_every_event(visitor: httpx.AsyncClient) -> None:
    page = Page((await visitor.get("/events")).text)

    assert {*EVENTS, *MESSAGES} <= set(page.ids)


async def test_text_on_the_events_page_is_escaped(visitor: httpx.AsyncClient) -> None:
    html = (await visitor.get("/events")).text

    assert "<code>user:&lt;id&gt;</code>" in html
    assert "user:<id>" not in html


async def test_the_front_page_leads_to_the_reference(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/")

    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("portal.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
async def test_assets(visitor: httpx.AsyncClient, name: str, kind: str) -> None:
    zipped = await visitor.get(f"/docs/assets/{name}", headers={"accept-encoding": "gzip"})
    plain = await visitor.get(f"/docs/assets/{name}", headers={"accept-encoding": "identity"})
    again = await visitor.get(f"/docs/assets/{name}", headers={"if-none-match": plain.headers["etag"]})

    assert (zipped.headers["content-encoding"], zipped.headers["content-type"]) == ("gzip", kind)
    assert "content-encoding" not in plain.headers
    assert zipped.content == plain.content
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fassets.py", "portal.css.map"])
async def test_other_files_are_not_given_out(visitor: httpx.AsyncClient, name: str) -> None:
    assert (await visitor.get(f"/docs/assets/{name}")).status_code == 404


async def test_documents_about_events(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/asyncapi.json")).json() == asyncapi()
    assert (await visitor.get("/events/catalogue.json")).json() == catalogue_document()


async def test_the_merged_document(visitor: httpx.AsyncClient, running: Portal) -> None:
    answer = await visitor.get("/openapi.json")

    paths = answer.json()["paths"]
    assert {"/api/v1/orders", "/api/v1/risks", "/api/v1/customers/{customer_id}/360", "/api/v1/home"} <= set(paths)
    assert not {"/docs", "/events", "/openapi.json", "/"} & set(paths)
    assert UNAVAILABLE not in answer.json()
    unchanged = await visitor.get("/openapi.json", headers={"if-none-match": answer.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert [len(service.requests) for service in (running.sales, running.projects)] == [1, 1]


async def test_services_see_no_credentials_for_it(visitor: httpx.AsyncClient, running: Portal) -> None:
    await visitor.get("/openapi.json")

    assert running.sales.requests[0].header("authorization") is None


async def test_it_is_made_anew_after_a_minute(visitor: httpx.AsyncClient, running: Portal) -> None:
    await visitor.get("/openapi.json")
    describe(running.sales, "quotes")

    running.now[0] += 59
    assert "/api/v1/quotes" not in (await visitor.get("/openapi.json")).json()["paths"]
    running.now[0] += 1
    paths = (await visitor.get("/openapi.json")).json()["paths"]
    assert "/api/v1/quotes" in paths
    assert "/api/v1/orders" not in paths


@pytest.mark.parametrize(("status", "content"), [(503, {}), (200, ["not a document"]), (200, {"detail": "?"})])
async def test_a_service_without_a_document_is_named(
    visitor: httpx.AsyncClient, running: Portal, status: int, content: object
) -> None:
    running.sales.answer("/openapi.json", content, status)

    document = (await visitor.get("/openapi.json")).json()

    assert document[UNAVAILABLE] == ["sales-svc"]
    assert "/api/v1/risks" in document["paths"]
    running.now[0] += 5
    describe(running.sales, "orders")
    document = (await visitor.get("/openapi.json")).json()
    assert UNAVAILABLE not in document
    assert "/api/v1/orders" in document["paths"]


async def test_a_service_that_went_away_is_shown_as_it_was(visitor: httpx.AsyncClient, running: Portal) -> None:
    await visitor.get("/openapi.json")
    running.sales.answer("/openapi.json", {}, 503)
    running.now[0] += 60

    document = (await visitor.get("/openapi.json")).json()

    assert "/api/v1/orders" in document["paths"]
    assert UNAVAILABLE not in document
