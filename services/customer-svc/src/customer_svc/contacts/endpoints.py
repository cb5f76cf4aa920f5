"""Routes of contacts."""

from functools import partial
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.errors import InvalidParameter
from crm_platform.http.batch import BatchRequest, BatchResponse, run_batch
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.saved_views.use import list_params
from customer_svc.cards.answers import AS_CARDS, card_answer, cards_answer, pages
from customer_svc.cards.writing import wanted_version
from customer_svc.contacts import repository, service
from customer_svc.contacts.domain import sought_form
from customer_svc.contacts.models import CONTACTS
from customer_svc.contacts.schemas import (
    ContactCreate,
    ContactRead,
    ContactUpdate,
    Departure,
    LinkChoice,
    LinkCreate,
    LinkUpdate,
)
from customer_svc.customers import service as customers
from customer_svc.values.refused import Refused

router = service_router("Contacts")

_WRITES = writes("contacts:write", versioned=True)
_Phone = Annotated[
    str | None, Query(max_length=60, description="Only contacts with this number, however it is spelled.")
]
_Email = Annotated[str | None, Query(max_length=320, description="Only contacts with this e-mail address.")]
_Messenger = Annotated[
    str | None, Query(max_length=200, description="Only contacts with this account, of any service.")
]


def _sought(phone: _Phone = None, email: _Email = None, messenger: _Messenger = None) -> dict[str, str]:
    """The normalised values by which contacts are sought, by kind."""
    given = {"phone": phone, "email": email, "messenger": messenger}
    sought = {}
    for kind, text in given.items():
        if text is None:
            continue
        try:
            sought[kind] = sought_form(kind, text)
        except Refused as refused:
            raise InvalidParameter(parameter=kind, message=refused.words) from refused
    return sought


@router.get(
    "/contacts",
    response_model=Page[ContactRead],
    responses=AS_CARDS,
    **reads("contacts:read", lists=CONTACTS.resource, views=True),
)
async def list_contacts(
    request: Request, reader: ReaderDep, sought: Annotated[dict[str, str], Depends(_sought)]
) -> Response:
    """List the contacts that the caller may see, also those at the caller's customers.

    With `Accept: text/vcard` all of them come as one stream of cards, whatever `limit` says.
    """
    keys = {f"{kind}_key": reader.blind_key(kind, value) for kind, value in sought.items()}
    conditions = [repository.FOUND_BY[kind] for kind in sought]
    version = wanted_version(request.headers.get("accept"))
    if version is not None:
        return cards_answer(pages(request, reader, CONTACTS.resource, *conditions, **keys), version)
    params = await list_params(request, reader, CONTACTS.resource)
    return listed(await reader.page(CONTACTS.resource, params, *conditions, **keys))


@router.get(
    "/customers/{customer_id}/contacts",
    response_model=Page[ContactRead],
    **reads("contacts:read", lists=CONTACTS.resource),
)
async def list_contacts_of_customer(customer_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """List the contacts at one customer that the caller may see."""
    await reader.get(customers.RESOURCE, customer_id, fields=("id",))
    params = page_params(request, CONTACTS.resource)
    return listed(await reader.page(CONTACTS.resource, params, repository.AT_CUSTOMER, customer_id=customer_id))


@router.post("/contacts", response_model=ContactRead, **writes("contacts:write", creates=True))
async def create_contact(body: ContactCreate, unit: UnitOfWorkDep) -> Response:
    """Enter a contact; publishes `contact.created`."""
    return created(await service.create_contact(unit, body), "/v1/contacts")


@router.post("/contacts/batch", response_model=BatchResponse, **writes("contacts:write"))
async def write_contacts(body: BatchRequest[ContactCreate], unit: UnitOfWorkDep) -> Response:
    """Enter or bring up to date up to 1,000 contacts; each item gets a result of its own."""
    return await run_batch(unit, body.items, many=partial(service.write_contacts, mode=body.mode))


@router.get("/contacts/{contact_id}", response_model=ContactRead, responses=AS_CARDS, **reads("contacts:read"))
async def get_contact(contact_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one contact; as a card with `Accept: text/vcard`, whose parameter `version` may be `3.0` or `4.0`."""
    record = await reader.get(CONTACTS.resource, contact_id)
    version = wanted_version(request.headers.get("accept"))
    if version is None:
        return shown(request, record)
    return card_answer(orjson.loads(record.body), version)


@router.patch("/contacts/{contact_id}", response_model=ContactRead, **_WRITES)
async def update_contact(contact_id: UUID, body: ContactUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change fields of a contact (merge patch); publishes `contact.updated`."""
    return changed(await service.update_contact(unit, contact_id, body, if_match=if_match))


@router.delete("/contacts/{contact_id}", status_code=204, **_WRITES)
async def delete_contact(contact_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a contact that no other record names, and its links; publishes `contact.deleted`."""
    await service.delete_contact(unit, contact_id, if_match=if_match)
    return Response(status_code=204)


@router.post("/contacts/{contact_id}/link", response_model=ContactRead, **_WRITES)
async def link_contact(contact_id: UUID, body: LinkCreate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Put on record that a contact is somebody at one customer more; publishes `contact.linked`."""
    return changed(await service.link_contact(unit, contact_id, body, if_match=if_match))


@router.post("/contacts/{contact_id}/change-link", response_model=ContactRead, **_WRITES)
async def change_link(contact_id: UUID, body: LinkUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change what a contact is at a customer (merge patch); publishes `contact.link_changed`."""
    return changed(await service.change_link(unit, contact_id, body, if_match=if_match))


@router.post("/contacts/{contact_id}/make-primary", response_model=ContactRead, **_WRITES)
async def make_primary(contact_id: UUID, body: LinkChoice, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Make a contact the one to turn to first at a customer, in the place of whoever it was.

    Publishes `contact.link_changed` for both.
    """
    link = LinkUpdate(customer_id=body.customer_id, primary=True)
    return changed(await service.change_link(unit, contact_id, link, if_match=if_match))


@router.post("/contacts/{contact_id}/unlink", response_model=ContactRead, **_WRITES)
async def unlink_contact(contact_id: UUID, body: LinkChoice, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Take back that a contact is somebody at a customer; publishes `contact.unlinked`.

    For somebody who was there and no longer is, set `until` of the link instead.
    """
    return changed(await service.unlink_contact(unit, contact_id, body.customer_id, if_match=if_match))


@router.post("/contacts/{contact_id}/leave", response_model=ContactRead, **_WRITES)
async def leave_contact(contact_id: UUID, body: Departure, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that somebody has left: all links end, nowhere are they primary; publishes `contact.status_changed`."""
    return changed(await service.move_contact(unit, contact_id, "leave", body, if_match=if_match))


@router.post("/contacts/{contact_id}/record-death", response_model=ContactRead, **_WRITES)
async def record_death_of_contact(
    contact_id: UUID, body: Departure, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Record that somebody has died: all links end, nowhere are they primary; publishes `contact.status_changed`."""
    return changed(await service.move_contact(unit, contact_id, "record_death", body, if_match=if_match))


@router.post("/contacts/{contact_id}/return", response_model=ContactRead, **_WRITES)
async def return_contact(contact_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that somebody is back, or never left; publishes `contact.status_changed`. Ended links stay ended."""
    return changed(await service.move_contact(unit, contact_id, "return", body, if_match=if_match))
