"""The short way of plain writes.

What :mod:`crm_platform.http.direct` is for reads: a change that takes ids from the path, one JSON body, a few query
parameters and a unit of work needs nothing of FastAPI's resolution of dependencies, which costs as much as a round trip
to the database. A request that is not as it has to be goes FastAPI's way before anything is begun, and is refused there
as everywhere.
"""

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from inspect import iscoroutinefunction
from typing import Any, get_type_hints
from uuid import UUID

from fastapi import params
from fastapi.dependencies.utils import request_params_to_args
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_platform.http.direct import Admit, ids_of
from crm_platform.http.responses import JSON
from crm_platform.http.transaction import ReplayAnswer, if_match, remember, unit_of_work

_begun = asynccontextmanager(unit_of_work)


def direct_write(route: APIRoute, admit: Admit) -> ASGIApp | None:
    """The app of ``route`` without FastAPI's resolution, where the route is plain enough; else None."""
    return _PlainWrite(route, admit) if is_plain(route) else None


def is_json(request: Request) -> bool:
    """Whether the body says that it is JSON; one that is missing is for the schema to refuse."""
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return True
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == JSON or (kind.startswith("application/") and kind.endswith("+json"))


class _PlainWrite:
    """An app that calls one endpoint in one transaction."""

    def __init__(self, route: APIRoute, admit: Admit) -> None:
        dependant = route.dependant
        self._endpoint: Callable[..., Awaitable[Response]] = route.endpoint
        self._resolved = route.app
        self._admit = admit
        self._body = route.body_field
        self._query = dependant.query_params
        self._request = dependant.request_param_name
        names: dict[Any, str | None] = {one.call: one.name for one in dependant.dependencies}
        self._unit, self._version = names[unit_of_work] or "", names.get(if_match)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive, send)
        self._admit(request)
        given = await self._given(request)
        if given is None:
            await self._resolved(scope, _again(request, receive), send)
            return
        response = await self._answer(request, given)
        await response(scope, receive, send)

    async def _given(self, request: Request) -> dict[str, Any] | None:
        """The arguments of the endpoint without its unit of work; None where one is not as it has to be."""
        given = ids_of(request.path_params)
        if given is None or not await self._read_body(request, given):
            return None
        if request.scope["query_string"] or any(field.field_info.is_required() for field in self._query):
            values, errors = request_params_to_args(self._query, request.query_params)
            if errors:
                return None
            given |= values
        if self._version is not None:
            given[self._version] = await if_match(request)
        if self._request is not None:
            given[self._request] = request
        return given

    async def _read_body(self, request: Request, given: dict[str, Any]) -> bool:
        if self._body is None:
            return True
        if not is_json(request):
            return False
        try:
            sent = await request.json() if await request.body() else None
        except (ValueError, RecursionError):
            return False
        except ClientDisconnect as error:
            raise HTTPException(400, "There was an error parsing the body") from error
        given[self._body.name], errors = self._body.validate(sent, {}, loc=("body",))
        return sent is not None and not errors

    async def _answer(self, request: Request, given: dict[str, Any]) -> Response:
        try:
            async with _begun(request) as unit:
                given[self._unit] = unit
                return await remember(request, await self._endpoint(**given))
        except ReplayAnswer as replay:
            return replay.response


def _again(request: Request, receive: Receive) -> Receive:
    """What is received after a body that may have been read: the same body once more."""
    read: list[bytes] = [request._body] if hasattr(request, "_body") else []  # noqa: SLF001  (as Starlette's own do)

    async def receive_again() -> Message:
        if read:
            return {"type": "http.request", "body": read.pop(), "more_body": False}
        return await receive()

    return receive_again


def is_plain(route: APIRoute) -> bool:
    """Whether a route takes nothing but ids, a JSON body, a query and a unit of work, and makes its answer itself."""
    dependant, body = route.dependant, route.body_field
    calls = [one.call for one in dependant.dependencies]
    others = (dependant.header_params, dependant.cookie_params, *dependant.body_params[1:])
    special = (
        dependant.response_param_name,
        dependant.background_tasks_param_name,
        dependant.http_connection_param_name,
    )
    return (
        iscoroutinefunction(route.endpoint)
        and unit_of_work in calls
        and set(calls) <= {unit_of_work, if_match}
        and not any(others)
        and not any(special)
        and all(field.field_info.annotation is UUID for field in dependant.path_params)
        and (body is None or (type(body.field_info) is params.Body and dependant.body_params == [body]))
        and get_type_hints(route.endpoint).get("return") is Response
    )
