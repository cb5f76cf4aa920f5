"""Routes of consent."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm_contracts.privacy.v1 import ContactMeans
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import ShortText
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.consents import service
from customer_svc.consents.models import CONSENTS
from customer_svc.consents.schemas import (
    ConsentCreate,
    ConsentRead,
    MayContact,
    MayContactList,
    MayContactMany,
    Objection,
    Said,
)

router = service_router("Consent")


@router.get("/consents", response_model=Page[ConsentRead], **reads("consents:read", lists=CONSENTS.resource))
async def list_consents(request: Request, reader: ReaderDep) -> Response:
    """List what people have said; filter by `subject_id == '…'` for one person."""
    return listed(await reader.page(CONSENTS.resource, page_params(request, CONSENTS.resource)))


@router.post("/consents", response_model=ConsentRead, **writes("consents:write", creates=True))
async def record_consent(body: ConsentCreate, unit: UnitOfWorkDep) -> Response:
    """Put on record that a person agrees; publishes `consent.given`, or `consent.requested` (double opt-in).

    There is one record per person, purpose and channel; saying so again renews it.
    """
    return created(await service.record_consent(unit, body), "/v1/consents")


@router.post("/consents/objections", response_model=ConsentRead, **writes("consents:write", creates=True))
async def object_to_contact(body: Objection, unit: UnitOfWorkDep) -> Response:
    """Put on record that a person does not want to be turned to; publishes `consent.withdrawn`."""
    return created(await service.object_to(unit, body), "/v1/consents")


@router.get("/consents/may-contact", response_model=MayContact, **reads("consents:read"))
async def may_contact(
    subject: UUID, purpose: Annotated[ShortText, Query()], channel: ContactMeans, reader: ReaderDep
) -> Response:
    """Say whether a person may be turned to for a purpose by a channel now, and why."""
    asked = MayContactMany(subjects=(subject,), purpose=purpose, channel=channel)
    (answer,) = (await service.may_contact(reader, asked)).items
    return listed(answer.model_dump_json().encode())


@router.post("/consents/may-contact", response_model=MayContactList, **reads("consents:read"))
async def may_contact_many(body: MayContactMany, reader: ReaderDep) -> Response:
    """Say the same of up to 1,000 people at once, in the order of the question."""
    answers = await service.may_contact(reader, body)
    return listed(answers.model_dump_json().encode())


@router.get("/consents/{consent_id}", response_model=ConsentRead, **reads("consents:read"))
async def get_consent(consent_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one consent."""
    return shown(request, await reader.get(CONSENTS.resource, consent_id))


@router.post("/consents/{consent_id}/withdraw", response_model=ConsentRead, **writes("consents:write", versioned=True))
async def withdraw_consent(consent_id: UUID, body: Said, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """End a consent at the will of the person; publishes `consent.withdrawn`."""
    return changed(await service.withdraw(unit, consent_id, body, if_match=if_match))


@router.post("/consents/{consent_id}/confirm", response_model=ConsentRead, **writes("consents:write", versioned=True))
async def confirm_consent(consent_id: UUID, body: Said, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Let a consent count that the person has confirmed (double opt-in); publishes `consent.given`."""
    return changed(await service.confirm(unit, consent_id, body, if_match=if_match))
