"""The short way of plain reads.

An endpoint that takes ids from the path, the request and a reader, and gives a response, needs nothing of FastAPI's
resolution of dependencies, which costs a tenth of the whole request. Whatever is not as plain goes FastAPI's way: other
parameters, and ids that are none (so that they are refused as everywhere).
"""

import re
from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any
from uuid import UUID

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_platform.errors import Unauthenticated
from crm_platform.http.context import context_of
from crm_platform.reads.reader import Reader
from crm_platform.runtime import runtime_of

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Admit = Callable[[Request], None]
"""Refuses a request that may not come this way at all."""


def reader_of(request: Request) -> Reader:
    """Reads on behalf of the caller of ``request``.

    Raises:
        Unauthenticated: There is no caller.
    """
    context = context_of(request)
    caller = context.speaker
    if caller is None:
        raise Unauthenticated(why=context.refusal)
    return Reader(runtime_of(request).database, caller)


async def reader_dependency(request: Request) -> Reader:
    """:func:`reader_of` as FastAPI wants it: one that is not async costs a thread."""
    return reader_of(request)


def direct(route: APIRoute, admit: Admit) -> ASGIApp | None:
    """The app of ``route`` without FastAPI's resolution, where the route is plain enough; else None."""
    reader = _reader_name(route)
    if reader is None:
        return None
    endpoint: Callable[..., Awaitable[Response]] = route.endpoint
    request_name: str | None = route.dependant.request_param_name
    resolved = route.app

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        ids = ids_of(scope["path_params"])
        if ids is None:
            await resolved(scope, receive, send)
            return
        request = Request(scope, receive, send)
        admit(request)
        if request_name is not None:
            ids[request_name] = request
        ids[reader] = reader_of(request)
        response = await endpoint(**ids)
        await response(scope, receive, send)

    return app


def _reader_name(route: APIRoute) -> str | None:
    """Under which name the endpoint takes its reader; None where it is not a plain read."""
    dependant = route.dependant
    others = (dependant.query_params, dependant.header_params, dependant.cookie_params, dependant.body_params)
    plain = (
        route.methods == {"GET"}
        and iscoroutinefunction(route.endpoint)
        and [one.call for one in dependant.dependencies] == [reader_dependency]
        and not any(others)
        and all(field.field_info.annotation is UUID for field in dependant.path_params)
    )
    return dependant.dependencies[0].name if plain else None


def ids_of(path_params: dict[str, Any]) -> dict[str, Any] | None:
    """The ids in the path; None where one is malformed."""
    ids: dict[str, Any] = {}
    for name, text in path_params.items():
        if _ID.fullmatch(text) is None:
            return None
        ids[name] = UUID(text)
    return ids
