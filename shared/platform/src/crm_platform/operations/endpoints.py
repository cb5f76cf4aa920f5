"""Routes of operations, for the list of every service that has some; and what endpoints that begin them answer."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Header
from sqlalchemy import Uuid, bindparam
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from crm_platform.http.context import context_of
from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import JSON, etag, listed, shown
from crm_platform.http.route import SIGNED_IN, reads, service_router, writes
from crm_platform.mechanism import OPERATION_RESULTS, OPERATIONS
from crm_platform.operations.control import control
from crm_platform.operations.records import (
    OF_TENANT,
    OPERATIONS_RESOURCE,
    RESULTS_RESOURCE,
    SHOWN,
    OperationRead,
    ResultRead,
    sees_all,
)
from crm_platform.operations.watching import MEDIA_TYPE, Watch, is_over
from crm_platform.reads.reader import Rendered
from crm_platform.runtime import runtime_of

COLLECTION: Final = "operations"
_Endpoint: TypeAlias = Callable[[UUID, UnitOfWorkDep], Awaitable[Response]]
_LastEventId: TypeAlias = Annotated[
    str, Header(pattern=r"^[0-9]{1,9}$", description="Id of the last event that came through.")
]
_MINE = OPERATIONS.c.requested_by == bindparam("actor")
_OF_OPERATION = OPERATION_RESULTS.c.operation_id == bindparam("operation", type_=Uuid)
_EVENT: Final = {
    "type": "object",
    "description": "One event of the stream.",
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$", "description": "The version of the operation."},
        "event": {"enum": ["progress", "end"]},
        "data": {"type": "string", "contentMediaType": JSON, "description": "The operation."},
    },
    "required": ["id", "event", "data"],
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress` and at last `end`, each with the operation as data.",
        "content": {MEDIA_TYPE: {"schema": _EVENT}},
    },
    204: {"description": "The client has seen the end."},
}


def begins(scope: str) -> dict[str, Any]:
    """Options of a POST route that begins an operation; it returns :func:`accepted`."""
    return {**writes(scope), "status_code": 202, "response_model": OperationRead}


def may_begin(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a route that begins an operation where there is too much to do for one request."""
    begun = {202: {"description": "Too much for one request: an operation does it.", "model": OperationRead}}
    return options | {"responses": options.get("responses", {}) | begun}


def accepted(operation: Rendered, collection: str = COLLECTION) -> Response:
    """The answer to a request that began an operation: what it is, and where in ``collection`` it can be watched."""
    headers = {"etag": etag(operation.version), "location": f"/v1/{collection}/{operation.id}"}
    return Response(operation.body, 202, headers, JSON)


def operations_router(collection: str = COLLECTION) -> APIRouter:
    """The routes under ``/v1/<collection>``: watch and stop what the caller has asked for, or everybody's.

    The gateway finds the service by the collection: a second service with operations calls its own by another name,
    such as `project-operations`, here and in :func:`accepted`.
    """
    router = service_router(collection.replace("-", " ").capitalize())
    _add_reads(router, collection, collection.replace("-", "_"))
    _add_controls(router, collection)
    return router


def _add_reads(router: APIRouter, collection: str, noun: str) -> None:
    one = f"/{collection}/{{operation_id}}"

    @router.get(
        f"/{collection}",
        name=f"list_{noun}",
        response_model=Page[OperationRead],
        **reads(SIGNED_IN, lists=OPERATIONS_RESOURCE),
    )
    async def list_operations(request: Request, reader: ReaderDep) -> Response:
        """List the caller's operations; with `operations:read` those of all."""
        params = page_params(request, OPERATIONS_RESOURCE)
        if sees_all(reader.caller):
            return listed(await reader.page(OPERATIONS_RESOURCE, params, OF_TENANT, SHOWN))
        mine = reader.caller.actor
        return listed(await reader.page(OPERATIONS_RESOURCE, params, OF_TENANT, SHOWN, _MINE, actor=mine))

    @router.get(one, name=f"get_{noun[:-1]}", response_model=OperationRead, **reads(SIGNED_IN))
    async def get_operation(operation_id: UUID, request: Request, reader: ReaderDep) -> Response:
        """Show how far an operation is."""
        return shown(request, await _watch(request, reader, operation_id).look())

    @router.get(
        f"{one}/events",
        name=f"watch_{noun[:-1]}",
        response_class=StreamingResponse,
        responses=_STREAM,
        **reads(SIGNED_IN),
    )
    async def watch_operation(
        operation_id: UUID,
        request: Request,
        reader: ReaderDep,
        last_event_id: _LastEventId = "0",
    ) -> Response:
        """Watch an operation by server-sent events; ends with its end, or after some seconds: just come back."""
        seen, watch = int(last_event_id), _watch(request, reader, operation_id)
        state = await watch.look()
        if is_over(state) and state.version <= seen:
            return Response(status_code=204)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(watch.events(state, seen), headers=headers, media_type=MEDIA_TYPE)

    @router.get(
        f"{one}/results",
        name=f"list_{noun[:-1]}_results",
        response_model=Page[ResultRead],
        **reads(SIGNED_IN, lists=RESULTS_RESOURCE),
    )
    async def list_operation_results(operation_id: UUID, request: Request, reader: ReaderDep) -> Response:
        """List what became of single records, where the operation tells."""
        await _watch(request, reader, operation_id).look()
        params = page_params(request, RESULTS_RESOURCE)
        return listed(await reader.page(RESULTS_RESOURCE, params, _OF_OPERATION, operation=operation_id))


def _watch(request: Request, reader: ReaderDep, id: UUID) -> Watch:
    return Watch(runtime=runtime_of(request), caller=reader.caller, id=id, deadline=context_of(request).deadline)


def _add_controls(router: APIRouter, collection: str) -> None:
    def control_route(action: str) -> Callable[[_Endpoint], _Endpoint]:
        return router.post(
            f"/{collection}/{{operation_id}}/{action}",
            name=f"{action}_{collection.replace('-', '_')[:-1]}",
            status_code=202,
            response_model=OperationRead,
            **writes(SIGNED_IN),
        )

    @control_route("cancel")
    async def cancel_operation(operation_id: UUID, unit: UnitOfWorkDep) -> Response:
        """Stop an operation for good, after the step that is under way; what is done stays done."""
        return accepted(await control(unit, operation_id, "cancel"), collection)

    @control_route("pause")
    async def pause_operation(operation_id: UUID, unit: UnitOfWorkDep) -> Response:
        """Let an operation rest, after the step that is under way."""
        return accepted(await control(unit, operation_id, "pause"), collection)

    @control_route("resume")
    async def resume_operation(operation_id: UUID, unit: UnitOfWorkDep) -> Response:
        """Let an operation go on where it stood."""
        return accepted(await control(unit, operation_id, "resume"), collection)
