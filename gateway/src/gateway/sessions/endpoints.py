"""Routes of sessions: everybody sees and ends his or her own."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.clock import utc_now
from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import listed
from crm_platform.http.route import SIGNED_IN, reads, service_router, writes
from gateway.runtime import GatewayDep
from gateway.sessions import service
from gateway.sessions.models import SESSIONS
from gateway.sessions.repository import OPEN_OF_USER
from gateway.sessions.schemas import SessionRead

router = service_router("Sign-in", prefix="/api/v1")


@router.get("/auth/sessions", response_model=Page[SessionRead], **reads(SIGNED_IN, lists=SESSIONS))
async def list_sessions(request: Request, reader: ReaderDep, gateway: GatewayDep) -> Response:
    """List the caller's open sessions."""
    page = await reader.page(
        SESSIONS,
        page_params(request, SESSIONS),
        OPEN_OF_USER,
        user_id=reader.caller.id,
        now=utc_now(),
        idle_since=service.idle_since(gateway.settings.identity),
    )
    return listed(page)


@router.post("/auth/sessions/{session_id}/revoke", status_code=204, **writes(SIGNED_IN))
async def revoke_session(session_id: UUID, unit: UnitOfWorkDep) -> Response:
    """End one of the caller's sessions, such as that of a lost device."""
    await service.revoke_own(unit.connection, session_id, unit.caller.id)
    return Response(status_code=204)
