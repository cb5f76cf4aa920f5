"""Routes of cards."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.errors import UnsupportedMediaType
from crm_platform.http.batch import BatchMode
from crm_platform.http.dependencies import UnitOfWorkDep
from crm_platform.http.responses import JSON
from crm_platform.http.route import service_router, writes
from customer_svc.cards.writing import MEDIA_TYPE
from customer_svc.values.phones import DEFAULT_COUNTRY
from customer_svc.values.schemas import CountryCode
from customer_svc.vcards import service
from customer_svc.vcards.schemas import CardsImported

router = service_router("Contacts")

_MEDIA_TYPES = frozenset({MEDIA_TYPE, "text/x-vcard", "text/directory"})


def _takes_cards() -> dict[str, Any]:
    options = writes("contacts:write")
    schema = {"type": "string", "description": "Cards of version 2.1, 3.0 or 4.0, one after the other."}
    options["openapi_extra"]["requestBody"] = {"required": True, "content": {MEDIA_TYPE: {"schema": schema}}}
    return options


@router.post("/contacts/import", response_model=CardsImported, **_takes_cards())
async def import_contacts(
    request: Request,
    unit: UnitOfWorkDep,
    country: Annotated[CountryCode, Query(description="Where numbers and addresses are from that do not say so.")] = (
        DEFAULT_COUNTRY
    ),
    customer_id: Annotated[UUID | None, Query(description="With whom all of them are linked.")] = None,
    mode: Annotated[
        BatchMode, Query(description="Whether a card that is known by its UID changes its contact, or makes another.")
    ] = BatchMode.UPSERT,
) -> Response:
    """Make contacts of up to 1,000 cards of a .vcf file; each gets a result of its own.

    Numbers that belong to no numbering plan are kept as they stand; what a contact has no place for is reported.
    Pictures are kept where the card only refers to them.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _MEDIA_TYPES:
        raise UnsupportedMediaType(expected=MEDIA_TYPE)
    intake = service.Intake(country, customer_id, mode, unit.caller.language)
    return Response(await service.import_cards(unit, await request.body(), intake), media_type=JSON)
