"""Routes that refuse by default: scope, known parameters, idempotency, in one place for all services."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.errors import Forbidden, Unauthenticated, UnknownParameter, UnsupportedMediaType
from crm_platform.http.context import context_of
from crm_platform.http.direct import direct
from crm_platform.http.pages import ProblemPage
from crm_platform.http.parameters import IDEMPOTENCY_KEY, IF_MATCH, VIEW, list_parameters
from crm_platform.http.responses import JSON
from crm_platform.http.transaction import ReplayAnswer, remember
from crm_platform.http.writing import direct_write, is_json
from crm_platform.reads.resource import Resource

SCOPE = "x-required-scope"
PUBLIC = "public"
SIGNED_IN = "signed-in"
"""In place of a scope: every authenticated caller, for what concerns only the caller."""

SENSITIVE = "x-sensitive"
"""Marks a route whose body or answer holds a secret."""

_PROBLEM_PAGE = "problem_page"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ServiceRoute(APIRoute):
    """A route that names the scope it needs, or says that it is public.

    Raises:
        TypeError: At import time, for a route without either.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        extra = options.get("openapi_extra") or {}
        if SCOPE not in extra:
            message = f"{path}: give the route a scope by reads(), writes() or public()"
            raise TypeError(message)
        if "POST" not in (options.get("methods") or ()):
            options["openapi_extra"] = extra = _without_key(extra)
        self.problem_page: ProblemPage | None = getattr(endpoint, _PROBLEM_PAGE, None)
        self._scope: str = extra[SCOPE]
        self.secret: bool = extra.get(SENSITIVE, False)
        super().__init__(path, endpoint, **options)
        admit = self._admission()
        self.app = direct(self, admit) or direct_write(self, admit) or self.app

    def _admission(self) -> Callable[[Request], None]:
        """What refuses a request before anything is done for it."""
        declared = {parameter["name"] for parameter in (self.openapi_extra or {}).get("parameters", ())}
        known = frozenset(declared | {field.alias for field in _query_fields(self.dependant)})
        scope = self._scope

        def admit(request: Request) -> None:
            if scope != PUBLIC:
                _authorise(request, scope)
            if request.scope["query_string"]:
                _refuse_unknown(request, known)

        return admit

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler by the checks; the transaction is still open when it returns."""
        handle = super().get_route_handler()
        admit, takes_json = self._admission(), self.body_field is not None

        async def run(request: Request) -> Response:
            admit(request)
            if takes_json and not is_json(request):
                raise UnsupportedMediaType(expected=JSON)
            try:
                response = await handle(request)
            except ReplayAnswer as replay:
                return replay.response
            return await remember(request, response)

        return run


def _without_key(extra: dict[str, Any]) -> dict[str, Any]:
    """Only a POST takes an idempotency key; other changes are safe to repeat by their If-Match."""
    parameters = [parameter for parameter in extra.get("parameters", ()) if parameter is not IDEMPOTENCY_KEY]
    return {**extra, "parameters": parameters} if "parameters" in extra else extra


def _query_fields(dependant: Any) -> list[Any]:
    fields = list(dependant.query_params)
    for child in dependant.dependencies:
        fields.extend(_query_fields(child))
    return fields


def _authorise(request: Request, scope: str) -> None:
    context = context_of(request)
    if context.caller is None:
        raise Unauthenticated(why=context.refusal, headers={"www-authenticate": 'Bearer realm="crm"'})
    if scope != SIGNED_IN and not context.caller.may(scope):
        raise Forbidden(scope=scope)


def _refuse_unknown(request: Request, known: frozenset[str]) -> None:
    for name in request.query_params:
        if name not in known:
            raise UnknownParameter(parameter=name, known=", ".join(sorted(known)) or "none")


def service_router(tag: str, *, prefix: str = "/v1") -> APIRouter:
    """A router whose routes follow the conventions; paths start with ``prefix``."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=ServiceRoute,
        generate_unique_id_function=lambda route: route.name,
    )


def reads(scope: str, *, lists: Resource | None = None, views: bool = False) -> dict[str, Any]:
    """Options of a GET route: its scope and, for a list, its parameters, with ``views`` also `view`."""
    extra: dict[str, Any] = {SCOPE: scope}
    if lists is not None:
        extra["parameters"] = [*list_parameters(lists), *([VIEW] if views else [])]
    return {"openapi_extra": extra}


def writes(scope: str, *, versioned: bool = False, creates: bool = False, secret: bool = False) -> dict[str, Any]:
    """Options of a route that changes something.

    Args:
        scope: What the caller must hold.
        versioned: It changes an existing record and wants If-Match.
        creates: It is a POST that makes something and answers 201.
        secret: Its body or its answer holds a secret, which idempotency must not write down.
    """
    parameters = []
    if versioned:
        parameters.append(IF_MATCH)
    if not secret:
        parameters.append(IDEMPOTENCY_KEY)
    extra: dict[str, Any] = {SCOPE: scope, "parameters": parameters}
    if secret:
        extra[SENSITIVE] = True
    options: dict[str, Any] = {"openapi_extra": extra}
    if creates:
        options["status_code"] = 201
    return options


def public(*problems: int) -> dict[str, Any]:
    """Options of a route that anybody may call; ``problems`` are statuses that do not follow from its shape."""
    responses = {status: {"description": ""} for status in problems}
    return {"openapi_extra": {SCOPE: PUBLIC}, "responses": responses}


def shows_problems(page: ProblemPage) -> Callable[[Endpoint], Endpoint]:
    """Let an endpoint, under the decorator of its route, show problems as a page to whoever prefers that to JSON."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _PROBLEM_PAGE, page)
        return endpoint

    return mark
