"""Operator endpoints of a worker: dead letters and replay. Not for the outside: bound to the worker's own port."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm_platform.db.database import CONNECTION_ERRORS
from crm_platform.errors import BadRequest, Conflict, DomainError, InvalidParameter, NotFound, Unauthenticated
from crm_platform.events import dead_letters, replay
from crm_platform.http.problems import from_database_error, from_validation_error, render_problem
from crm_platform.words import Words

if TYPE_CHECKING:
    from crm_platform.worker import Worker

Endpoint = Callable[[Request], Awaitable[Response]]

MAX_LETTERS = 1000
STATUSES = ("pending", "redriven", "discarded", "all")
LARGEST_ID = 2**63 - 1

_LETTER = Words("dead letter", "死信")
_PENDING_LETTER = Words("pending dead letter", "待处理死信")
_SETTLED = Words("the dead letter is settled already", "该死信已处理")
_NOT_FIRST = Words("an earlier event of the same aggregate has to be settled first", "须先处理同一聚合的更早事件")
_SNAPSHOT_OF = Words(
    "name the aggregate_type of which you want snapshots, and at most a tenant_id",
    "请指定要发布快照的 aggregate_type，此外只能指定 tenant_id",
)
_STATUSES = Words(f"one of {', '.join(STATUSES)}", f"应为 {'、'.join(STATUSES)} 之一")
_NO_TOKEN = Words("the operator token is missing or wrong", "缺少运维令牌或令牌不正确")


@dataclass(frozen=True, slots=True)
class OperatorCommand:
    """Something that operators can ask of one service's worker only."""

    method: str
    path: str
    """Below ``/operator/``."""
    run: Callable[["Worker", Request], Awaitable[Any]]
    """Returns what is answered as JSON; raises a DomainError to refuse."""


class ReplayOrder(BaseModel):
    """What to publish again; everything that is retained where nothing is named."""

    model_config = ConfigDict(extra="forbid")

    topic: str | None = None
    aggregate_type: str | None = None
    aggregate_id: UUID | None = None
    tenant_id: UUID | None = None
    since: AwareDatetime | None = Field(default=None, alias="from")
    until: AwareDatetime | None = Field(default=None, alias="to")
    snapshot: bool = False
    """Publish the current states instead of the retained events."""


class _Endpoints:
    """The operator's requests to one worker."""

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker

    async def list_letters(self, request: Request) -> Response:
        """Dead letters, oldest first; `status`, `after` and `limit` choose."""
        query = request.query_params
        status: Any = query.get("status", "pending")
        if status not in STATUSES:
            raise InvalidParameter(parameter="status", message=_STATUSES)
        limit, after = _number(query.get("limit"), "limit", 100), _number(query.get("after"), "after", 0)
        async with self._worker.database.system() as connection:
            letters = await dead_letters.list_letters(
                connection, status=None if status == "all" else status, after=after, limit=min(limit, MAX_LETTERS)
            )
        return _json({"items": [asdict(letter) for letter in letters]})

    async def show_letter(self, request: Request) -> Response:
        """One dead letter with its record."""
        letter_id = _letter_id(request)
        async with self._worker.database.system() as connection:
            try:
                letter, content = await dead_letters.get_letter(connection, letter_id)
            except dead_letters.LetterNotFoundError:
                raise NotFound(what=_LETTER, id=letter_id) from None
        payload = content.payload.decode(errors="replace") if content.payload is not None else None
        return _json({**asdict(letter), "headers": content.headers, "payload": payload})

    async def redrive(self, request: Request) -> Response:
        """Handle one dead letter again, or all of them."""
        ids = [_letter_id(request)] if "id" in request.path_params else None
        async with self._worker.database.system() as connection:
            count = await dead_letters.request_redrive(connection, ids=ids)
        if ids and not count:
            raise NotFound(what=_PENDING_LETTER, id=ids[0])
        return _json({"requested": count}, 202)

    async def discard(self, request: Request) -> Response:
        """Give up on a dead letter; its aggregate goes on as if it had been handled."""
        letter_id = _letter_id(request)
        async with self._worker.database.system() as connection:
            try:
                await dead_letters.discard(connection, letter_id, by="operator")
            except dead_letters.LetterNotFoundError:
                raise NotFound(what=_LETTER, id=letter_id) from None
            except dead_letters.LetterSettledError:
                raise Conflict(message=_SETTLED) from None
            except dead_letters.LetterNotFirstError:
                raise Conflict(message=_NOT_FIRST) from None
        return _json({"discarded": letter_id})

    async def replay(self, request: Request) -> Response:
        """Publish retained events or current states again."""
        try:
            order = ReplayOrder.model_validate_json(await request.body() or b"{}")
        except ValidationError as error:
            found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
            raise from_validation_error(found, "en") from error
        wanted = order.model_dump(exclude={"snapshot"}, exclude_none=True)
        async with self._worker.database.system() as connection:
            if order.snapshot:
                if "aggregate_type" not in wanted or wanted.keys() - {"aggregate_type", "tenant_id"}:
                    raise BadRequest(message=_SNAPSHOT_OF)
                number = await replay.request_snapshot(connection, by="operator", **wanted)
            else:
                number = await replay.request_replay(connection, by="operator", **wanted)
        return _json({"request": number}, 202)

    async def list_replays(self, _: Request) -> Response:
        """Requests to publish again, and how far they are."""
        async with self._worker.database.system() as connection:
            requests = await replay.list_requests(connection)
        return _json({"items": [asdict(one) for one in requests]})


def operator_routes(worker: "Worker") -> list[Route]:
    """The operator's routes; all want the operator token of the settings, and are off without one."""
    secret = worker.settings.operator_token
    endpoints = _Endpoints(worker)

    def guarded(endpoint: Endpoint) -> Endpoint:
        async def run(request: Request) -> Response:
            try:
                _authorise(request, secret.get_secret_value() if secret else "")
                return await endpoint(request)
            except DomainError as error:
                return render_problem(error, None, request.url.path)
            except (asyncpg.PostgresError, *CONNECTION_ERRORS) as error:
                known = from_database_error(error)
                if known is None:
                    raise
                return render_problem(known, None, request.url.path)

        return run

    def own(command: OperatorCommand) -> Route:
        async def run(request: Request) -> Response:
            return _json(await command.run(worker, request))

        return Route(f"/operator/{command.path}", guarded(run), methods=[command.method])

    return [
        *(own(command) for command in worker.commands),
        Route("/operator/dead-letters", guarded(endpoints.list_letters)),
        Route("/operator/dead-letters/redrive", guarded(endpoints.redrive), methods=["POST"]),
        Route("/operator/dead-letters/{id:int}", guarded(endpoints.show_letter)),
        Route("/operator/dead-letters/{id:int}/redrive", guarded(endpoints.redrive), methods=["POST"]),
        Route("/operator/dead-letters/{id:int}/discard", guarded(endpoints.discard), methods=["POST"]),
        Route("/operator/replay", guarded(endpoints.replay), methods=["POST"]),
        Route("/operator/replay", guarded(endpoints.list_replays)),
    ]


def _authorise(request: Request, secret: str) -> None:
    given = request.headers.get("authorization", "")
    if not secret or not hmac.compare_digest(given.encode(), f"Bearer {secret}".encode()):
        raise Unauthenticated(why=_NO_TOKEN)


def _letter_id(request: Request) -> int:
    """The id in the path, which may be larger than any id that the database can hold."""
    letter_id: int = request.path_params["id"]
    if letter_id > LARGEST_ID:
        raise NotFound(what=_LETTER, id=letter_id)
    return letter_id


def _number(text: str | None, name: str, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004  (fits 64 bits)
        raise InvalidParameter(parameter=name, message=Words("a whole number", "应为整数"))
    return int(text)


def _json(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content, default=_plain), status, media_type="application/json")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
