"""Pages and documents about the API and the events; open to everybody, as they hold no data."""

import asyncio
from functools import cache
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crm_platform.errors import NotFound
from crm_platform.http.route import public, service_router
from crm_platform.words import Words
from gateway.portal.assets import ASSETS, load, send
from gateway.portal.asyncapi import asyncapi
from gateway.portal.catalogue import catalogue_document
from gateway.portal.documents import ApiDocuments
from gateway.portal.pages import page
from gateway.proxy import service_access

router = service_router("Portal", prefix="")

_PAGE_HEADERS = {
    # Swagger UI sets style attributes; scripts come from here and nowhere else.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}
_HIDDEN: dict[str, Any] = {"include_in_schema": False, **public()}


@router.get("/", **_HIDDEN)
async def show_front_page() -> Response:
    """Lead people to the reference."""
    return RedirectResponse("/docs", 307)


@router.get("/docs", **_HIDDEN)
async def show_reference() -> Response:
    """The API reference, where every operation can be tried."""
    return HTMLResponse(page("reference"), headers=_PAGE_HEADERS)


@router.get("/events", **_HIDDEN)
async def show_events() -> Response:
    """The catalogue of events, for reading."""
    return HTMLResponse(await asyncio.to_thread(page, "events"), headers=_PAGE_HEADERS)


@router.get("/docs/assets/{name}", **_HIDDEN)
async def get_asset(name: str, request: Request) -> Response:
    """A file that the pages load."""
    if name not in ASSETS:
        raise NotFound(what=Words("file", "文件"), id=name)
    return send(request, await asyncio.to_thread(load, name))


@router.get("/openapi.json", **_HIDDEN)
async def get_openapi(request: Request) -> Response:
    """The OpenAPI document of the whole system."""
    merged = await _documents(request).merged()
    headers = {"etag": merged.etag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == merged.etag:
        return Response(status_code=304, headers=headers)
    return Response(merged.body, headers=headers, media_type="application/json")


@router.get("/asyncapi.json", **_HIDDEN)
async def get_asyncapi() -> Response:
    """The AsyncAPI document of every topic."""
    return Response(await asyncio.to_thread(_asyncapi_document), media_type="application/json")


@router.get("/events/catalogue.json", **_HIDDEN)
async def get_catalogue() -> Response:
    """The catalogue of events, for programs."""
    return Response(await asyncio.to_thread(_catalogue_document), media_type="application/json")


def _documents(request: Request) -> ApiDocuments:
    state = request.app.state
    if not hasattr(state, "api_documents"):
        access = service_access(request)
        state.api_documents = ApiDocuments(access.client, request.app.openapi(), access.clock)
    documents: ApiDocuments = state.api_documents
    return documents


@cache
def _asyncapi_document() -> bytes:
    return orjson.dumps(asyncapi())


@cache
def _catalogue_document() -> bytes:
    return orjson.dumps(catalogue_document())
