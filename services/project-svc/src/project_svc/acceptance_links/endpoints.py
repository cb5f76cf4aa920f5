"""Routes of links for acceptance: for us, who give them out, and for whoever has one."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from crm_platform.clock import utc_now
from crm_platform.errors import NotFound
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import public, reads, service_router, writes
from crm_platform.http.transaction import unit_without_caller
from crm_platform.reads import Rendered
from crm_platform.runtime import runtime_of
from crm_platform.sealing.members import splice
from crm_platform.secret_addresses import Place
from project_svc.acceptance.networks import network_of
from project_svc.acceptance_links import service
from project_svc.acceptance_links.domain import NOUN
from project_svc.acceptance_links.models import ACCEPTANCE_LINKS
from project_svc.acceptance_links.schemas import (
    AcceptanceLinkCreate,
    AcceptanceLinkCreated,
    AcceptanceLinkRead,
    AcceptanceShown,
    LinkDecision,
)
from project_svc.documents import service as documents

router = service_router("Acceptance by link")

CLIENT_ADDRESS = "crm-client-address"
"""By which header the gateway says from where an open request comes; clients cannot send it."""

PlaceName = Annotated[str, Path(max_length=64)]
LinkSecret = Annotated[str, Query(max_length=200)]


@router.get(
    "/acceptance-links",
    response_model=Page[AcceptanceLinkRead],
    **reads("deliveries:read", lists=ACCEPTANCE_LINKS.resource),
)
async def list_acceptance_links(request: Request, reader: ReaderDep) -> Response:
    """List the links that contacts were given, without their secrets."""
    return listed(await reader.page(ACCEPTANCE_LINKS.resource, page_params(request, ACCEPTANCE_LINKS.resource)))


@router.post(
    "/acceptance-links",
    response_model=AcceptanceLinkCreated,
    **writes("deliveries:write", creates=True, secret=True),
)
async def issue_acceptance_link(body: AcceptanceLinkCreate, unit: UnitOfWorkDep) -> Response:
    """Make a link by which one contact decides about the submitted version, once; it is shown this once.

    It is signed, bound to delivery, version and contact, expires, and can be revoked. Publishes
    `acceptance_link.issued`.
    """
    issued = await service.issue_link(unit, body)
    shown_once = orjson.dumps({"path": issued.path, "secret": issued.secret})
    record = Rendered(issued.link.id, splice(issued.link.body, shown_once), issued.link.version)
    return created(record, "/v1/acceptance-links")


@router.get("/acceptance-links/{link_id}", response_model=AcceptanceLinkRead, **reads("deliveries:read"))
async def get_acceptance_link(link_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one link, without its secret."""
    return shown(request, await reader.get(ACCEPTANCE_LINKS.resource, link_id))


@router.post(
    "/acceptance-links/{link_id}/revoke",
    response_model=AcceptanceLinkRead,
    **writes("deliveries:write", versioned=True),
)
async def revoke_acceptance_link(link_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Withdraw a link for good; publishes `acceptance_link.revoked`."""
    return changed(await service.revoke_link(unit, link_id, if_match=if_match, reason=body.reason))


async def _opened(request: Request, name: str, secret: str) -> tuple[Place, service.Opened]:
    place = Place.parse(name)
    if place is None:
        raise NotFound(what=NOUN, id=name)
    async with runtime_of(request).database.read(place.tenant_id) as connection:
        return place, await service.open_link(connection, place, secret, now=utc_now())


@router.get("/acceptances/{name}", response_model=AcceptanceShown, **public(404))
async def show_acceptance(request: Request, name: PlaceName, secret: LinkSecret) -> AcceptanceShown:
    """Show what a link is about, to whoever has it: no account is needed."""
    _, opened = await _opened(request, name, secret)
    return service.shown(opened)


@router.get("/acceptances/{name}/document", response_class=StreamingResponse, **public(404, 410))
async def get_acceptance_document(request: Request, name: PlaceName, secret: LinkSecret, document_id: UUID) -> Response:
    """Download a document that is evidence of the version that a link is about."""
    place, opened = await _opened(request, name, secret)
    document = next((one for one in opened.version.evidence if one.document_id == document_id), None)
    if document is None:
        raise NotFound(what=documents.NOUN, id=document_id)
    return await documents.answer(runtime_of(request).objects, place.tenant_id, document)


@router.post("/acceptances/{name}/decide", response_model=AcceptanceShown, **public(404, 409))
async def decide_acceptance(
    request: Request, name: PlaceName, secret: LinkSecret, body: LinkDecision
) -> AcceptanceShown:
    """Accept, accept with open points, or reject, once, as the contact whom the link was made for.

    What is put on record: who, when, by which link, from which network, and what was found about each criterion.
    Publishes `delivery.completed`, `delivery.conditionally_accepted` or `delivery.rejected`, and
    `acceptance_link.used`.
    """
    place, opened = await _opened(request, name, secret)
    network = network_of(request.headers.get(CLIENT_ADDRESS, ""))
    async with unit_without_caller(request, place.tenant_id, actor=f"contact:{opened.contact.id}") as unit:
        await service.decide(unit, opened, body, network=network)
    _, after = await _opened(request, name, secret)
    return service.shown(after)
