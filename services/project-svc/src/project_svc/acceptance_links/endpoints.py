"""Routes of links for acceptance: for us, who give them out, and for whoever has one."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import Path, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from crm_platform.clock import utc_now
from crm_platform.errors import Conflict, DomainError, InvalidPayload, NotFound
from crm_platform.http.context import context_of
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.forms import form_of, takes_form
from crm_platform.http.lists import Page
from crm_platform.http.pages import HTML, NEGOTIATED, asks_for_page
from crm_platform.http.problems import from_validation_error
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import public, reads, service_router, shows_problems, writes
from crm_platform.http.transaction import unit_without_caller
from crm_platform.reads import Rendered
from crm_platform.runtime import runtime_of
from crm_platform.sealing.members import splice
from crm_platform.secret_addresses import Place
from project_svc.acceptance.networks import network_of
from project_svc.acceptance_links import service
from project_svc.acceptance_links.domain import NOUN
from project_svc.acceptance_links.models import ACCEPTANCE_LINKS
from project_svc.acceptance_links.page import pages
from project_svc.acceptance_links.page.forms import EMPTY, MAX_FIELDS, SCHEMA, Filled, filled
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

AS_PAGE = public(404)
AS_PAGE["responses"][200] = {"content": {HTML: {"schema": {"type": "string"}}}}
BY_FORM = takes_form(public(404, 409), SCHEMA)
BY_FORM["responses"][303] = {"description": "It is decided; the page shows the receipt."}

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


def _page(
    request: Request, opened: service.Opened, refusal: DomainError | None = None, form: Filled = EMPTY
) -> Response:
    place = request.url.path.rpartition("/")[2]
    secret = urlencode({"secret": request.query_params["secret"]})
    decision = opened.version.decision
    view = pages.View(
        shown=service.shown(opened),
        undecided=opened.is_undecided,
        comment=decision.comment if decision and opened.link.verdict else None,
        documents=f"{place}/document?{secret}",
        language=context_of(request).language,
        zone=opened.zone,
        form=form,
    )
    return pages.show(view, refusal=refusal)


@router.get("/acceptances/{name}", response_model=AcceptanceShown, **AS_PAGE)
@shows_problems(pages.problem)
async def show_acceptance(
    request: Request, response: Response, name: PlaceName, secret: LinkSecret
) -> AcceptanceShown | Response:
    """Show what a link is about, to whoever has it: no account is needed.

    Whoever prefers HTML, as browsers do, gets a page with a form for the decision, and after it the receipt; problems
    are pages, too. It is in the language that `Accept-Language` asks for, English or Chinese.
    """
    _, opened = await _opened(request, name, secret)
    if asks_for_page(request.headers.get("accept")):
        return _page(request, opened)
    response.headers["vary"] = NEGOTIATED
    return service.shown(opened)


@router.post("/acceptances/{name}", status_code=303, response_class=Response, **BY_FORM)
@shows_problems(pages.problem)
async def submit_acceptance_form(request: Request, name: PlaceName, secret: LinkSecret) -> Response:
    """Decide by the form of the page: the same as `decide_acceptance`, answered by the way back to the page.

    What cannot be taken is shown on the page, with what was filled in, to whoever prefers HTML.
    """
    place, opened = await _opened(request, name, secret)
    form = filled(await form_of(request, max_fields=MAX_FIELDS))
    try:
        await _decide(request, place, opened, _checked(form, context_of(request).language))
    except (Conflict, InvalidPayload) as refusal:
        if not asks_for_page(request.headers.get("accept")):
            raise
        _, now = await _opened(request, name, secret)
        return _page(request, now, refusal, form=form)
    return Response(status_code=303, headers={"location": f"{request.url.path}?{urlencode({'secret': secret})}"})


def _checked(form: Filled, language: str) -> LinkDecision:
    try:
        return LinkDecision.model_validate(form.decision)
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise from_validation_error(found, language) from None


@router.get("/acceptances/{name}/document", response_class=StreamingResponse, **public(404, 410))
@shows_problems(pages.problem)
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
    await _decide(request, place, opened, body)
    _, after = await _opened(request, name, secret)
    return service.shown(after)


async def _decide(request: Request, place: Place, opened: service.Opened, decision: LinkDecision) -> None:
    network = network_of(request.headers.get(CLIENT_ADDRESS, ""))
    async with unit_without_caller(request, place.tenant_id, actor=f"contact:{opened.contact.id}") as unit:
        await service.decide(unit, opened, decision, network=network)
