"""Answers a request for a composed view."""

import asyncio
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.errors import Unauthenticated
from crm_platform.http.context import RequestContext, context_of
from gateway.compose.answer import refused, render
from gateway.compose.errors import SubjectRefused
from gateway.compose.gather import Gathering
from gateway.compose.view import View
from gateway.proxy import ServiceAccess, service_access
from gateway.proxy.asgi import CLIENT_GONE, authorization_of, resume, service_headers
from gateway.proxy.body import RequestBody
from gateway.proxy.watch import DisconnectWatch

_JOINING = 0.05
"""Seconds kept for putting the parts together."""


async def show(view: View, request: Request, **ids: UUID) -> Response:
    """The answer to a request for ``view``; ``ids`` are the parameters of its path.

    Raises:
        Unauthenticated: There is no caller.
    """
    access, context = service_access(request), context_of(request)
    watch = DisconnectWatch(request.receive, RequestBody(request.receive, 0))
    try:
        gathering = await _gathering(view, request, access, context, ids)
        return Response(render(view, await gathering.run()), media_type="application/json")
    except SubjectRefused as refusal:
        return refused(request, refusal.answer)
    except asyncio.CancelledError:
        if not watch.gone:
            raise
        resume()
        return Response(status_code=CLIENT_GONE)
    finally:
        watch.end()


async def _gathering(
    view: View, request: Request, access: ServiceAccess, context: RequestContext, ids: dict[str, UUID]
) -> Gathering:
    caller = context.caller
    if caller is None:
        raise Unauthenticated(why=context.refusal)
    patience = asyncio.get_running_loop().time() + access.client.settings.part_timeout
    deadline = min(patience, context.deadline - _JOINING)
    authorization = await authorization_of(request.scope["headers"], context, access.token)
    headers = [(b"accept", b"application/json"), (b"accept-language", context.language.encode())]
    return Gathering(
        view,
        access.client,
        values={name: str(value) for name, value in {**ids, "caller_id": caller.id}.items()},
        headers=headers + service_headers(context, authorization, deadline),
        deadline=deadline,
        language=context.language,
    )
