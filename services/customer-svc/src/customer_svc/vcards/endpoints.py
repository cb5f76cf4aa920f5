"""Routes of cards."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.errors import UnsupportedMediaType
from crm_platform.files.formats import MEDIA_TYPES, Format
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

_CARDS = frozenset({MEDIA_TYPE, "text/x-vcard", "text/directory"})
_TABLES = {name: kind for name, kind in MEDIA_TYPES.items() if kind in {Format.CSV, Format.XLSX}}
_XLSX = next(name for name, kind in _TABLES.items() if kind is Format.XLSX)


def _takes_cards() -> dict[str, Any]:
    options = writes("contacts:write")
    said = {
        MEDIA_TYPE: {"type": "string", "description": "Cards of version 2.1, 3.0 or 4.0, one after the other."},
        "text/csv": {"type": "string", "description": "A row for each contact, below a row with the names of columns."},
        _XLSX: {"type": "string", "format": "binary", "description": "The same as a workbook."},
    }
    content = {name: {"schema": schema} for name, schema in said.items()}
    options["openapi_extra"]["requestBody"] = {"required": True, "content": content}
    return options


@router.post("/contacts/import", response_model=CardsImported, **_takes_cards())
async def import_contacts(
    request: Request,
    unit: UnitOfWorkDep,
    *,
    country: Annotated[CountryCode, Query(description="Where numbers and addresses are from that do not say so.")] = (
        DEFAULT_COUNTRY
    ),
    customer_id: Annotated[UUID | None, Query(description="With whom all of them are linked.")] = None,
    mode: Annotated[
        BatchMode, Query(description="Whether a card that is known by its UID changes its contact, or makes another.")
    ] = BatchMode.UPSERT,
    system: Annotated[
        str | None,
        Query(pattern="^[a-z][a-z0-9_-]{0,31}$", description="Whose ids a table has, of contacts and of customers."),
    ] = None,
    dry_run: Annotated[bool, Query(description="Only say what would become of each.")] = False,
) -> Response:
    """Make contacts of up to 1,000 cards of a .vcf file, or rows of a table; each gets a result of its own.

    Numbers that belong to no numbering plan are kept as they stand; what a contact has no place for is reported.
    Pictures are kept where the card only refers to them. Columns of a table are recognised by their names, Chinese or
    English; a row is about the contact with its external id, or with its name and a number or address of it, and takes
    nothing away from that. It names its customer by an external id, a number of a register, or the name.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    intake = service.Intake(country, customer_id, mode, unit.caller.language, dry_run, system)
    if kind in _CARDS:
        return Response(await service.import_cards(unit, await request.body(), intake), media_type=JSON)
    if kind not in _TABLES:
        raise UnsupportedMediaType(expected=f"{MEDIA_TYPE}, text/csv, {_XLSX}")
    answer = await service.import_table(unit, await request.body(), _TABLES[kind], intake)
    return Response(answer, media_type=JSON)
