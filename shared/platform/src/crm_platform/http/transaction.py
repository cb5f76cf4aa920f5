"""The transaction of a request that changes something: begun, committed and remembered with its answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from crm_platform.context import Caller, Cause, system_caller
from crm_platform.errors import InvalidParameter, Unauthenticated
from crm_platform.events.crashpoints import AFTER_COMMIT, crashpoint
from crm_platform.http.context import context_of
from crm_platform.idempotency import IdempotencyKey
from crm_platform.runtime import Runtime, runtime_of
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words

_UNIT, _KEY = "crm_uow", "crm_replay"


class ReplayAnswer(Exception):
    """Raised inside a route when the request was answered before; carries that answer."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


async def unit_of_work(request: Request) -> AsyncIterator[UnitOfWork]:
    """One transaction per request: it is committed before the answer is sent."""
    runtime: Runtime = runtime_of(request)
    context = context_of(request)
    caller = context.speaker
    if caller is None:
        raise Unauthenticated(why=context.refusal)
    key = await _key_of(request, caller)
    claim = () if key is None else key.claim(caller.tenant_id)
    async with runtime.database.transaction(caller.tenant_id, *claim) as connection:
        unit = UnitOfWork(connection, caller, context.cause(caller))
        request.scope[_UNIT] = unit
        if key is not None:
            await _refuse_answered(key, unit)
            request.scope[_KEY] = key
        yield unit
    if unit.wrote:
        crashpoint(AFTER_COMMIT)
        runtime.bell.ring()


@asynccontextmanager
async def unit_without_caller(request: Request, tenant_id: UUID, *, actor: str) -> AsyncIterator[UnitOfWork]:
    """One transaction of a request that nobody has signed in for: its route has looked for itself who may ask.

    It works with all rights in the name of the service; ``actor`` is who is put on record. Committed at the end.
    """
    runtime, context = runtime_of(request), context_of(request)
    cause = Cause(actor=actor, correlation_id=context.correlation_id, traceparent=context.traceparent)
    caller = replace(system_caller(tenant_id, runtime.settings.service), language=context.language)
    async with runtime.database.transaction(tenant_id) as connection:
        unit = UnitOfWork(connection, caller, cause)
        yield unit
    if unit.wrote:
        crashpoint(AFTER_COMMIT)
        runtime.bell.ring()


async def _key_of(request: Request, caller: Caller) -> IdempotencyKey | None:
    """The idempotency key of a request, where it has one that counts."""
    text = request.headers.get("idempotency-key")
    if text is None or request.method != "POST" or getattr(request.scope.get("route"), "secret", False):
        return None
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return IdempotencyKey.of(
        caller=caller.actor,
        key=text,
        method=request.method,
        path=f"{path}?{query}" if query else path,
        body=await request.body(),
    )


async def _refuse_answered(key: IdempotencyKey, unit: UnitOfWork) -> None:
    answer = await key.answer(unit.connection, unit.caller.tenant_id)
    if answer is not None:
        raise ReplayAnswer(Response(answer.body, answer.status, {**answer.headers, "idempotent-replayed": "true"}))


async def if_match(request: Request) -> int | None:
    """The version in the If-Match header.

    Raises:
        InvalidParameter: It is not a single strong ETag that this API gave out.
    """
    text = request.headers.get("if-match")
    if text is None:
        return None
    digits = text.strip().removeprefix('"').removesuffix('"')
    if text.strip() != f'"{digits}"' or not digits.isascii() or not digits.isdigit() or len(digits) > 9:  # noqa: PLR2004
        message = Words('the ETag of the record, such as "3" with its quotes', '应为记录的 ETag，例如 "3"（含引号）')
        raise InvalidParameter(parameter="If-Match", message=message)
    return int(digits)


async def remember(request: Request, response: Response) -> Response:
    """Keep a successful answer under its idempotency key, in the transaction of its effect; returns what to send."""
    unit: UnitOfWork | None = request.scope.get(_UNIT)
    key = request.scope.get(_KEY)
    if unit is None or key is None or response.status_code >= 400:  # noqa: PLR2004
        return response
    if isinstance(response, StreamingResponse):  # it can be read but once
        body = b"".join([_bytes(part) async for part in response.body_iterator])
        response = Response(body, response.status_code, dict(response.headers))
    headers = {name: value for name, value in response.headers.items() if name in {"etag", "location", "content-type"}}
    await key.remember(
        unit.connection,
        status=response.status_code,
        headers=headers,
        body=bytes(response.body),
        subject=unit.keys.concerned(),
    )
    return response


def _bytes(part: str | bytes | memoryview) -> bytes:
    return part.encode() if isinstance(part, str) else bytes(part)
