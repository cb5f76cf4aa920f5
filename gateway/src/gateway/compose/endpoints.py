"""Routes of the composed views."""

import asyncio
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.errors import Unauthenticated
from crm_platform.http.context import RequestContext, context_of
from crm_platform.http.route import reads, service_router
from gateway.compose.answer import refused, render
from gateway.compose.errors import SubjectRefused
from gateway.compose.gather import Gathering
from gateway.compose.models import model_of
from gateway.compose.view import View, kept_paths
from gateway.proxy import ServiceAccess, service_access
from gateway.proxy.asgi import CLIENT_GONE, authorization_of, resume, service_headers
from gateway.proxy.body import RequestBody
from gateway.proxy.watch import DisconnectWatch
from gateway.views.customer import CUSTOMER_360
from gateway.views.home import HOME
from gateway.views.project import PROJECT_360

VIEWS: tuple[View, ...] = (CUSTOMER_360, PROJECT_360, HOME)
"""Every composed view; each has a route below."""

COMPOSED_PATHS = kept_paths(VIEWS)
"""Paths inside the services' collections that the proxy leaves to the routes below."""

_JOINING = 0.05
"""Seconds kept for putting the parts together."""

router = service_router("Views", prefix="/api/v1")

Customer360 = model_of(CUSTOMER_360, "Everything that is known about a customer.")
Project360 = model_of(PROJECT_360, "Everything that is known about a project.")
Home = model_of(HOME, "What waits for the caller.")


@router.get(CUSTOMER_360.path, response_model=Customer360, **reads(CUSTOMER_360.scope))
async def get_customer_360(customer_id: UUID, request: Request) -> Response:
    """Show a customer with what every service knows of them; lists hold the 20 newest records.

    A part that cannot be had is null, and `missing` says why.
    """
    return await _compose(CUSTOMER_360, request, customer_id=customer_id)


@router.get(PROJECT_360.path, response_model=Project360, **reads(PROJECT_360.scope))
async def get_project_360(project_id: UUID, request: Request) -> Response:
    """Show a project with its customer, deal, deliverables, risks and after-sales; lists hold the 20 newest records.

    A part that cannot be had is null, and `missing` says why.
    """
    return await _compose(PROJECT_360, request, project_id=project_id)


@router.get(HOME.path, response_model=Home, **reads(HOME.scope))
async def get_home(request: Request) -> Response:
    """Show the caller's own open opportunities, tickets and risks over their threshold.

    A part that cannot be had, or that the caller may not see, is null, and `missing` says why.
    """
    return await _compose(HOME, request)


async def _compose(view: View, request: Request, **ids: UUID) -> Response:
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
    headers = [("accept", "application/json"), ("accept-language", context.language)]
    return Gathering(
        view,
        access.client,
        values={name: str(value) for name, value in {**ids, "caller_id": caller.id}.items()},
        headers=headers + service_headers(context, authorization, deadline),
        deadline=deadline,
        language=context.language,
    )
