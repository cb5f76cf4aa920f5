"""What endpoints ask for: a reader, a unit of work, list parameters, the version a change is based on."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.context import Caller
from crm_platform.errors import InvalidParameter, Unauthenticated
from crm_platform.events.crashpoints import AFTER_COMMIT, crashpoint
from crm_platform.http.context import context_of
from crm_platform.http.direct import reader_dependency
from crm_platform.http.route import REPLAY_KEY, UOW_KEY, ReplayAnswer
from crm_platform.idempotency import IdempotencyKey
from crm_platform.reads.page import PageParams
from crm_platform.reads.reader import Reader
from crm_platform.reads.resource import Resource
from crm_platform.runtime import Runtime, runtime_of
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words


async def _unit_of_work(request: Request) -> AsyncIterator[UnitOfWork]:
    """One transaction per request: it is committed before the answer is sent."""
    runtime: Runtime = runtime_of(request)
    context = context_of(request)
    caller = context.caller
    if caller is None:
        raise Unauthenticated(why=context.refusal)
    speaker = replace(caller, language=context.language)
    key = await _key_of(request, caller)
    claim = () if key is None else key.claim(caller.tenant_id)
    async with runtime.database.transaction(caller.tenant_id, *claim) as connection:
        unit = UnitOfWork(connection, speaker, context.cause(caller))
        request.scope[UOW_KEY] = unit
        if key is not None:
            await _refuse_answered(key, unit)
            request.scope[REPLAY_KEY] = key
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


async def _if_match(request: Request) -> int | None:
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


ReaderDep = Annotated[Reader, Depends(reader_dependency)]
UnitOfWorkDep = Annotated[UnitOfWork, Depends(_unit_of_work, scope="function")]
IfMatch = Annotated[int | None, Depends(_if_match)]


def page_params(request: Request, resource: Resource) -> PageParams:
    """The list parameters of ``request``, checked against ``resource``."""
    limit = runtime_of(request).settings.limits.page_size
    return PageParams.parse(request.query_params, resource, max_limit=limit)
