"""Contacts as cards in answers: one, or a stream of many."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from crm_platform.files.text_writers import VcardWriter
from crm_platform.files.writing import Record, streamed
from crm_platform.reads import PageParams, Reader, Resource
from customer_svc.cards.writing import MEDIA_TYPE, Contact, card_of

Version = Literal["3.0", "4.0"]

_PAGE = 200
_HEADERS = {"vary": "accept", "cache-control": "no-store"}

AS_CARDS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
}
"""What the routes say about it."""


def card_answer(contact: Contact, version: Version) -> Response:
    """One contact as a card."""
    writer = VcardWriter(version)
    content = writer.begin() + writer.write([card_of(contact, version)]) + writer.end()
    return Response(content, headers=_HEADERS, media_type=_media_type(version))


def cards_answer(contacts: AsyncIterator[Sequence[Contact]], version: Version) -> Response:
    """Many contacts as a stream of cards, in flat memory."""

    async def cards() -> AsyncGenerator[list[Record]]:
        async for page in contacts:
            yield [card_of(contact, version) for contact in page]

    headers = _HEADERS | {"content-disposition": 'attachment; filename="contacts.vcf"'}
    return StreamingResponse(streamed(VcardWriter(version), cards()), headers=headers, media_type=_media_type(version))


async def pages(
    request: Request, reader: Reader, resource: Resource, *conditions: ColumnElement[bool], **values: Any
) -> AsyncIterator[list[Contact]]:
    """All records of a list, page by page: none twice and none left out, whatever is written meanwhile."""
    asked = {name: value for name, value in request.query_params.items() if name not in {"limit", "count", "fields"}}
    while True:
        params = PageParams.parse({**asked, "limit": str(_PAGE)}, resource, max_limit=_PAGE)
        page = orjson.loads(await reader.page(resource, params, *conditions, **values))
        yield page["items"]
        if page["next_cursor"] is None:
            return
        asked["cursor"] = page["next_cursor"]


def _media_type(version: Version) -> str:
    return f"{MEDIA_TYPE}; charset=utf-8; version={version}"
