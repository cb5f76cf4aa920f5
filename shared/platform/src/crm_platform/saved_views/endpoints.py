"""The routes of saved views, for the list of every service that has some."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import SIGNED_IN, reads, service_router, writes
from crm_platform.saved_views import service
from crm_platform.saved_views.schemas import SavedViewCreate, SavedViewRead, SavedViewUpdate
from crm_platform.saved_views.service import Lists
from crm_platform.saved_views.tables import SAVED_VIEWS, SEEN

_ONE = "/saved-views/{view_id}"


def saved_views_router(create: type[SavedViewCreate], lists: Lists) -> APIRouter:
    """The routes under ``/v1/saved-views``.

    Args:
        create: What a new view of this service is made of; its ``resource`` is one of the lists.
        lists: What there are views of.
    """
    router = service_router("Saved views")
    _add_reads(router)

    async def create_saved_view(body: SavedViewCreate, unit: UnitOfWorkDep) -> Response:
        """Save how a list is to be seen; publishes `saved_view.created`."""
        return created(await service.create_view(unit, body, lists), "/v1/saved-views")

    create_saved_view.__annotations__["body"] = create
    router.post("/saved-views", response_model=SavedViewRead, **writes(SIGNED_IN, creates=True))(create_saved_view)

    @router.patch(_ONE, response_model=SavedViewRead, **writes(SIGNED_IN, versioned=True))
    async def update_saved_view(
        view_id: UUID, body: SavedViewUpdate, unit: UnitOfWorkDep, if_match: IfMatch
    ) -> Response:
        """Change a view of yours (merge patch); publishes `saved_view.updated`."""
        return changed(await service.update_view(unit, view_id, body, lists, if_match=if_match))

    @router.delete(_ONE, status_code=204, **writes(SIGNED_IN, versioned=True))
    async def delete_saved_view(view_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
        """Remove a view of yours; publishes `saved_view.deleted`."""
        await service.delete_view(unit, view_id, if_match=if_match)
        return Response(status_code=204)

    return router


def _add_reads(router: APIRouter) -> None:
    @router.get("/saved-views", response_model=Page[SavedViewRead], **reads(SIGNED_IN, lists=SAVED_VIEWS.resource))
    async def list_saved_views(request: Request, reader: ReaderDep) -> Response:
        """List your views, and those that are shared with you."""
        caller = reader.caller
        params = page_params(request, SAVED_VIEWS.resource)
        return listed(
            await reader.page(SAVED_VIEWS.resource, params, SEEN, caller=caller.id, teams=list(caller.team_ids))
        )

    @router.get(_ONE, response_model=SavedViewRead, **reads(SIGNED_IN))
    async def get_saved_view(view_id: UUID, request: Request, reader: ReaderDep) -> Response:
        """Show a view."""
        return shown(request, await service.show_view(reader, view_id))
