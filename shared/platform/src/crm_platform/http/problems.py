"""Problem documents (RFC 9457) for every error that leaves a service."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from crm_platform.db.database import CONNECTION_ERRORS, DATABASE
from crm_platform.errors import (
    AlreadyExists,
    BadRequest,
    Conflict,
    DeadlineExceeded,
    DomainError,
    FieldProblem,
    InvalidParameter,
    InvalidPayload,
    NotFound,
    Unavailable,
)
from crm_platform.http.context import SCOPE_KEY, RequestContext
from crm_platform.http.moved import moved_or
from crm_platform.http.pages import ProblemPage, asks_for_page
from crm_platform.http.validation_messages import described
from crm_platform.words import Words

MEDIA_TYPE = "application/problem+json"


class ProblemField(BaseModel):
    """One thing wrong with one place of the input."""

    pointer: str = Field(description="RFC 6901 JSON pointer into the body, or a parameter's name.")
    code: str
    detail: str


class Problem(BaseModel):
    """An error as every endpoint reports it (RFC 9457)."""

    type: str = Field(description="Stable identifier of the kind of problem.")
    title: str
    status: int
    code: str = Field(description="The last part of `type`, for switch statements.")
    detail: str = Field(description="What happened, in the caller's language.")
    instance: str = Field(description="Path of the request.")
    correlation_id: str = Field(description="Quote it when asking for help; it is in the logs.")
    errors: list[ProblemField] | None = None


def problem_type(code: str) -> str:
    """The stable identifier of a kind of problem."""
    return f"urn:guanxi:problem:{code}"


def problem_of(error: DomainError, language: str) -> dict[str, Any]:
    """What there is to say of ``error`` wherever it is told, in ``language``."""
    body: dict[str, Any] = {
        "type": problem_type(error.code),
        "title": error.title_zh if language == "zh" else error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail(language),
    }
    if error.errors:
        body["errors"] = [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in error.errors]
    return {**body, **error.members(language)}


def render_problem(error: DomainError, context: RequestContext | None, path: str) -> Response:
    """The response that tells of ``error`` in the caller's language."""
    language = context.language if context else "en"
    body = problem_of(error, language)
    body |= {"instance": path, "correlation_id": str(context.correlation_id) if context else ""}
    headers = {"content-language": language, "cache-control": "no-store", **error.headers}
    return Response(orjson.dumps(body), error.status, headers, MEDIA_TYPE)


class _HttpError(DomainError):
    """An error that the router itself raises, such as 404 for an unknown path."""

    en, zh = "{message}", "{message}"

    def __init__(self, status: int, code: str, title: Words, detail: Words, headers: dict[str, str]) -> None:
        self.status, self.code = status, code  # type: ignore[misc]
        self.title, self.title_zh = title.en, title.zh  # type: ignore[misc]
        super().__init__(headers=headers, message=detail)


class _StatementTimeout(DeadlineExceeded):
    """PostgreSQL gave a statement up, by its own limit."""

    en = "The database did not finish in time; nothing was changed."
    zh = "数据库未能及时完成，数据未被更改。"


_UNSTORABLE = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.DatetimeFieldOverflowError,
)
"""What PostgreSQL says of texts with U+0000 and of numbers and times beyond its types."""

_ROUTER_CODES = {
    404: ("no_such_path", Words("No such path", "路径不存在")),
    405: ("method_not_allowed", Words("Method not allowed", "不支持该请求方法")),
}
_REFUSED = ("http_error", Words("Request refused", "请求被拒绝"))


def from_http_exception(error: HTTPException) -> DomainError:
    """Express Starlette's own refusals as problems; FastAPI wraps what goes wrong while a body is read."""
    if isinstance(error.__cause__, DomainError):
        return error.__cause__
    code, title = _ROUTER_CODES.get(error.status_code, _REFUSED)
    detail = Words(str(error.detail), f"{title.zh}（HTTP {error.status_code}）。")
    return _HttpError(error.status_code, code, title, detail, dict(error.headers or {}))


def from_validation_error(errors: Sequence[Mapping[str, Any]], language: str) -> DomainError:
    """Express pydantic's findings: 422 for the body, 400 for anything in path, query or headers."""
    fields = [_field(error, language) for error in errors]
    outside = [error for error in errors if error["loc"][0] != "body"]
    if outside:
        name = str(outside[0]["loc"][-1])
        return InvalidParameter(parameter=name, message=described(outside[0]), errors=fields)
    if errors and errors[0]["type"] == "json_invalid":
        return BadRequest(message=described(errors[0]))
    return InvalidPayload(count=len(fields), errors=fields)


def _field(error: Mapping[str, Any], language: str) -> FieldProblem:
    place, *path = error["loc"]
    steps = [str(step).replace("~", "~0").replace("/", "~1") for step in path]
    pointer = "".join(f"/{step}" for step in steps) if place == "body" else "/".join(steps)
    return FieldProblem(pointer, str(error["type"]), described(error).into(language))


_BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_SOON = {"retry-after": "1"}
_RECORD = Words("record", "记录")

_REFUSALS: tuple[tuple[tuple[type[Exception], ...], Callable[[Any], DomainError]], ...] = (
    (
        (asyncpg.UniqueViolationError,),
        lambda error: AlreadyExists(what=_RECORD, field=error.constraint_name or "key"),
    ),
    (
        (asyncpg.ForeignKeyViolationError,),
        lambda error: Conflict(
            message=Words(
                f"the record refers to one that does not exist, or is itself referred to ({error.constraint_name})",
                f"所引用的记录不存在，或该记录正被引用（{error.constraint_name}）",
            )
        ),
    ),
    (_BUSY, lambda _: Unavailable(what=Words("The record", "记录"), headers=_SOON)),
    (_UNSTORABLE, lambda _: BadRequest(message=Words("a value in it cannot be stored", "其中有无法存储的值"))),
    ((asyncpg.QueryCanceledError,), lambda _: _StatementTimeout()),
    (CONNECTION_ERRORS, lambda _: Unavailable(what=DATABASE, headers=_SOON)),
)
"""What PostgreSQL refuses, and how we say it; anything else is a fault of ours."""


def from_database_error(error: Exception) -> DomainError | None:
    """Express what PostgreSQL refused; None where it is a fault of ours."""
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        return None  # asyncpg's own DataError: we gave a parameter of the wrong type
    return next((express(error) for kinds, express in _REFUSALS if isinstance(error, kinds)), None)


def _allowed(request: Request) -> list[str]:
    """All methods that the path of ``request`` takes; Starlette names those of its first route."""
    routes: list[BaseRoute] = request.app.routes
    found = {
        method
        for method in ("DELETE", "GET", "PATCH", "POST", "PUT")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    }
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


def install_problem_handlers(app: FastAPI) -> None:
    """Make ``app`` answer every known error with a problem document."""

    def respond(request: Request, error: DomainError) -> Response:
        context: RequestContext | None = request.scope.get(SCOPE_KEY)
        page: ProblemPage | None = getattr(request.scope.get("route"), "problem_page", None)
        if page is not None and asks_for_page(request.headers.get("accept")):
            return page(error, context.language if context else "en")
        return render_problem(error, context, request.url.path)

    async def on_domain_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, DomainError)  # noqa: S101  (Starlette's handler type is wider than its use)
        return respond(request, await moved_or(error, request) if isinstance(error, NotFound) else error)

    async def on_validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        context = request.scope.get(SCOPE_KEY)
        return respond(request, from_validation_error(error.errors(), context.language if context else "en"))

    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            error.headers = {"allow": ", ".join(_allowed(request))}
        return respond(request, from_http_exception(error))

    async def on_database_error(request: Request, error: Exception) -> Response:
        known = from_database_error(error)
        if known is None:
            raise error
        return respond(request, known)

    app.add_exception_handler(DomainError, on_domain_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(asyncpg.PostgresError, on_database_error)
    app.add_exception_handler(asyncpg.InterfaceError, on_database_error)
    app.add_exception_handler(asyncpg.InternalClientError, on_database_error)
