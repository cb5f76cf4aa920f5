"""Use cases of cards."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from crm_contracts.base import ExternalRef
from crm_platform.errors import DomainError, NotFound
from crm_platform.files.rows import Row
from crm_platform.files.vcard.reader import VcardRows
from crm_platform.http.batch import MAX_ITEMS, BatchMode, Written, run_batch
from crm_platform.http.problems import from_validation_error
from crm_platform.uow import UnitOfWork
from customer_svc.cards.reading import Content, content_of
from customer_svc.cards.writing import SYSTEM
from customer_svc.contacts import service as contacts
from customer_svc.values.refused import Refused
from customer_svc.vcards.errors import CardRefused, TooManyCards

_OWN = "urn:uuid:"
_NO_CARD = frozenset({"not_a_card", "unended_card"})
_LONGEST_UID = 200


@dataclass(frozen=True, slots=True)
class Intake:
    """How cards are taken in.

    Attributes:
        country: ISO 3166-1 code of where numbers and addresses are from that do not say so.
        customer_id: With whom all of them are linked.
        mode: What happens to a card that is known by its UID.
        language: Of remarks.
    """

    country: str
    customer_id: UUID | None
    mode: BatchMode
    language: str


@dataclass(slots=True)
class _Card:
    """A card on its way to be a contact, or the reason why it is none."""

    row: Row
    content: contacts.New | DomainError
    own_id: UUID | None = None
    remarks: list[dict[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """What its result says beside those of all batches."""
        name = self.row.values.get("fn")
        return {"line": self.row.line, "name": name, "remarks": self.remarks, "ignored": self.ignored}


async def import_cards(unit: UnitOfWork, file: bytes, intake: Intake) -> bytes:
    """Make contacts of the cards in a file, or bring those up to date that are known by their UID.

    Returns:
        A result for each card, as JSON; what is wrong with one does not spoil the others.

    Raises:
        UnreadableFile: It is no text.
        TooManyCards: More than 1,000 cards.
    """
    cards = await asyncio.to_thread(_read, file, intake)

    async def many(unit: UnitOfWork, some: Sequence[_Card]) -> list[Written | DomainError]:
        return await _write(unit, some, intake.mode)

    answer = orjson.loads((await run_batch(unit, cards, many=many)).body)
    answer["results"] = [result | card.told() for card, result in zip(cards, answer["results"], strict=True)]
    return orjson.dumps(answer)


def _read(file: bytes, intake: Intake) -> list[_Card]:
    cards: list[_Card] = []
    for row in VcardRows(io.BytesIO(file)).read():
        if len(cards) == MAX_ITEMS:
            raise TooManyCards(limit=MAX_ITEMS)
        cards.append(_card(row, intake))
    return cards


def _card(row: Row, intake: Intake) -> _Card:
    for problem in row.problems:
        if problem.code in _NO_CARD:
            return _Card(row, CardRefused(message=problem.words()))
    try:
        content = content_of(row.values, intake.country)
    except Refused as refused:
        return _Card(row, CardRefused(message=refused.words))
    own_id = _own_id(content.uid)
    remarks = [*(("", problem.code, problem.words()) for problem in row.problems), *content.remarks]
    told = [{"property": name, "code": code, "detail": words.into(intake.language)} for name, code, words in remarks]
    return _Card(row, _body(content, intake, known=own_id is not None), own_id, told, content.ignored)


def _body(content: Content, intake: Intake, *, known: bool) -> contacts.New | DomainError:
    members = dict(content.members)
    if content.uid and not known:
        members["external_refs"] = [ExternalRef(system=SYSTEM, external_id=content.uid[:_LONGEST_UID])]
    if intake.customer_id is not None:
        link = {name: members[name] for name in ("title", "department") if name in members}
        members["links"] = [link | {"customer_id": intake.customer_id}]
    try:
        body = contacts.New.model_validate(members)
    except ValidationError as error:
        errors = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        return from_validation_error(errors, intake.language)
    if not content.unread:
        return body
    return body.model_copy(update={"phones": (*body.phones, *content.unread)})


def _own_id(uid: str | None) -> UUID | None:
    """The id of the contact of which a card was made here, if it was."""
    if uid is None or not uid.startswith(_OWN):
        return None
    try:
        return UUID(uid.removeprefix(_OWN))
    except ValueError:
        return None


async def _write(unit: UnitOfWork, cards: Sequence[_Card], mode: BatchMode) -> list[Written | DomainError]:
    outcomes: dict[int, Written | DomainError] = {}
    others: dict[int, contacts.New] = {}
    for number, card in enumerate(cards):
        if isinstance(card.content, DomainError):
            outcomes[number] = card.content
        elif mode is BatchMode.UPSERT and card.own_id is not None and await _is_known(unit, card.own_id):
            outcomes[number] = await contacts.bring_up_to_date(unit, card.own_id, card.content)
        else:
            others[number] = card.content
    written = await contacts.write_contacts(unit, list(others.values()), mode) if others else []
    outcomes |= dict(zip(others, written, strict=True))
    return [outcomes[number] for number in range(len(cards))]


async def _is_known(unit: UnitOfWork, id: UUID) -> bool:
    try:
        await unit.render(contacts.RESOURCE, id)
    except NotFound:
        return False
    return True
