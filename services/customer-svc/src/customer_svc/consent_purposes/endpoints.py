"""Routes of the purposes."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.consent_purposes import service
from customer_svc.consent_purposes.models import CONSENT_PURPOSES
from customer_svc.consent_purposes.schemas import PurposeCreate, PurposeRead, PurposeUpdate

router = service_router("Consent")


@router.get(
    "/consent-purposes",
    response_model=Page[PurposeRead],
    **reads("consents:read", lists=CONSENT_PURPOSES.resource),
)
async def list_consent_purposes(request: Request, reader: ReaderDep) -> Response:
    """List the purposes for which people are turned to."""
    return listed(await reader.page(CONSENT_PURPOSES.resource, page_params(request, CONSENT_PURPOSES.resource)))


@router.post("/consent-purposes", response_model=PurposeRead, **writes("consents:write", creates=True))
async def create_consent_purpose(body: PurposeCreate, unit: UnitOfWorkDep) -> Response:
    """Define a purpose; publishes `consent_purpose.created`."""
    return created(await service.create_purpose(unit, body), "/v1/consent-purposes")


@router.get("/consent-purposes/{purpose_id}", response_model=PurposeRead, **reads("consents:read"))
async def get_consent_purpose(purpose_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one purpose with all versions of its text."""
    return shown(request, await reader.get(CONSENT_PURPOSES.resource, purpose_id))


@router.patch("/consent-purposes/{purpose_id}", response_model=PurposeRead, **writes("consents:write", versioned=True))
async def update_consent_purpose(
    purpose_id: UUID, body: PurposeUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change a purpose (merge patch); publishes `consent_purpose.updated`."""
    return changed(await service.update_purpose(unit, purpose_id, body, if_match=if_match))
