"""Routes of the composed views."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.route import reads, service_router
from gateway.compose.models import model_of
from gateway.compose.show import show
from gateway.compose.view import View, kept_paths
from gateway.views.customer import CUSTOMER_360
from gateway.views.home import HOME
from gateway.views.project import PROJECT_360

VIEWS: tuple[View, ...] = (CUSTOMER_360, PROJECT_360, HOME)
"""Every composed view; each has a route below."""

COMPOSED_PATHS = kept_paths(VIEWS)
"""Paths inside the services' collections that the proxy leaves to the routes below."""

router = service_router("Views", prefix="/api/v1")

Customer360 = model_of(CUSTOMER_360, "Everything that is known about a customer.")
Project360 = model_of(PROJECT_360, "Everything that is known about a project.")
Home = model_of(HOME, "What waits for the caller.")


@router.get(CUSTOMER_360.path, response_model=Customer360, **reads(CUSTOMER_360.scope))
async def get_customer_360(customer_id: UUID, request: Request) -> Response:
    """Show a customer with what every service knows of them; lists hold the 20 newest records.

    A part that cannot be had is null, and `missing` says why.
    """
    return await show(CUSTOMER_360, request, customer_id=customer_id)


@router.get(PROJECT_360.path, response_model=Project360, **reads(PROJECT_360.scope))
async def get_project_360(project_id: UUID, request: Request) -> Response:
    """Show a project with its customer, deal, deliverables, risks and after-sales; lists hold the 20 newest records.

    A part that cannot be had is null, and `missing` says why.
    """
    return await show(PROJECT_360, request, project_id=project_id)


@router.get(HOME.path, response_model=Home, **reads(HOME.scope))
async def get_home(request: Request) -> Response:
    """Show the caller's own open opportunities, tickets and risks over their threshold.

    A part that cannot be had, or that the caller may not see, is null, and `missing` says why.
    """
    return await show(HOME, request)
