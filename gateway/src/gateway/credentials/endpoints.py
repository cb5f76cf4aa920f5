"""Routes of credentials."""

from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import JSON, changed, etag, listed, shown
from crm_platform.http.route import reads, service_router, writes
from gateway.credentials import service
from gateway.credentials.models import CREDENTIALS
from gateway.credentials.schemas import CredentialCreate, CredentialCreated, CredentialRead, RevocationReason
from gateway.runtime import StandingUnitDep

router = service_router("Credentials", prefix="/api/v1")

_LISTED = CREDENTIALS.resource


@router.get("/credentials", response_model=Page[CredentialRead], **reads("credentials:read", lists=_LISTED))
async def list_credentials(request: Request, reader: ReaderDep) -> Response:
    """List the API keys and OAuth2 clients."""
    return listed(await reader.page(_LISTED, page_params(request, _LISTED)))


@router.post("/credentials", response_model=CredentialCreated, **writes("credentials:write", creates=True, secret=True))
async def create_credential(body: CredentialCreate, unit: StandingUnitDep) -> Response:
    """Make an API key or an OAuth2 client; the answer shows its secret for the only time."""
    issued = await service.create_credential(unit, body)
    content = orjson.loads(issued.record.body) | {"secret": issued.secret}
    headers = {
        "etag": etag(issued.record.version),
        "location": f"/api/v1/credentials/{issued.record.id}",
        "cache-control": "no-store",
    }
    return Response(orjson.dumps(content), 201, headers, JSON)


@router.get("/credentials/{credential_id}", response_model=CredentialRead, **reads("credentials:read"))
async def get_credential(credential_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one credential, without its secret."""
    return shown(request, await reader.get(_LISTED, credential_id))


@router.post(
    "/credentials/{credential_id}/revoke",
    response_model=CredentialRead,
    **writes("credentials:write", versioned=True),
)
async def revoke_credential(
    credential_id: UUID, body: RevocationReason, unit: StandingUnitDep, if_match: IfMatch
) -> Response:
    """Withdraw a credential for good, and those that were made with it.

    It stops working within 30 s, tokens of a client within ten minutes; those hand on no rights from now on.
    """
    return changed(await service.revoke_credential(unit, credential_id, if_match=if_match, reason=body.reason))
