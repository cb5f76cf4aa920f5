"""Use cases of cards."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from crm_contracts.base import ExternalRef
from crm_platform.db.database import Savepoint
from crm_platform.errors import DomainError, NotFound
from crm_platform.files.formats import Format
from crm_platform.files.rows import Row
from crm_platform.files.vcard.reader import VcardRows
from crm_platform.http.batch import MAX_ITEMS, BatchMode, BatchStatus, Written, rounds, run_batch
from crm_platform.http.problems import from_validation_error
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from customer_svc.cards.reading import Content, content_of
from customer_svc.cards.writing import SYSTEM
from customer_svc.contacts import service as contacts
from customer_svc.values.refused import Refused
from customer_svc.vcards.errors import CardRefused, NoNames, SystemMissing, TooManyCards
from customer_svc.vcards.tables import reading, writing

_OWN = "urn:uuid:"
_NO_CARD = frozenset({"not_a_card", "unended_card"})
_LONGEST_UID = 200


@dataclass(frozen=True, slots=True)
class Intake:
    """How cards are taken in.

    Attributes:
        country: ISO 3166-1 code of where numbers and addresses are from that do not say so.
        customer_id: With whom all of them are linked.
        mode: What happens to a card that is known by its UID, or a row whose contact is known.
        language: Of remarks.
        dry_run: Only say what would become of each.
        system: Whose ids the rows of a table have.
    """

    country: str
    customer_id: UUID | None
    mode: BatchMode
    language: str
    dry_run: bool = False
    system: str | None = None


@dataclass(slots=True)
class _Card:
    """A card on its way to be a contact, or the reason why it is none."""

    row: Row
    name: str | None
    content: contacts.New | DomainError
    own_id: UUID | None = None
    number: int | None = None
    remarks: list[dict[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """What its result says beside those of all batches."""
        where = {"line": self.row.line, "row": self.number}
        return {**where, "name": self.name, "remarks": self.remarks, "ignored": self.ignored}


async def import_cards(unit: UnitOfWork, file: bytes, intake: Intake) -> bytes:
    """Make contacts of the cards in a file, or bring those up to date that are known by their UID.

    Returns:
        A result for each card, as JSON; what is wrong with one does not spoil the others.

    Raises:
        UnreadableFile: It is no text.
        TooManyCards: More than 1,000 cards.
    """
    cards = await asyncio.to_thread(_read, file, intake)
    return await _taken_in(unit, cards, intake, _write, {})


async def import_table(unit: UnitOfWork, file: bytes, format: Format, intake: Intake) -> bytes:
    """Make contacts of the rows of a table, or bring those up to date that are known; see :func:`import_cards`.

    Raises:
        UnreadableFile: It is no table.
        TooManyCards: More than 1,000 rows.
        NoNames: It has no column of names.
        SystemMissing: It has ids, and nobody says whose.
    """
    table = await asyncio.to_thread(reading.read_table, file, format, MAX_ITEMS)
    if len(table.people) > MAX_ITEMS:
        raise TooManyCards(limit=MAX_ITEMS)
    if _NAMES.isdisjoint(table.columns.values()):
        raise NoNames
    for column, name in table.columns.items():
        if name in _IDS and intake.system is None:
            raise SystemMissing(column=column)
    customers = await writing.find_customers(unit, table.people, intake.system)
    cards = [_of_table(person, table, customers, intake) for person in table.people]
    return await _taken_in(unit, cards, intake, _write_rows, table.columns)


_NAMES = frozenset({"name", "family_name", "given_name"})
_IDS = frozenset({"external_id", "customer_external_id"})

_Write = Callable[[UnitOfWork, Sequence["_Card"], BatchMode], Awaitable[list[Written | DomainError]]]


async def _taken_in(
    unit: UnitOfWork, cards: Sequence[_Card], intake: Intake, write: _Write, columns: Mapping[str, str | None]
) -> bytes:
    async def many(unit: UnitOfWork, some: Sequence[_Card]) -> list[Written | DomainError]:
        return await write(unit, some, intake.mode)

    async with Savepoint(unit.connection, keep=not intake.dry_run):
        answer = orjson.loads((await run_batch(unit, cards, many=many)).body)
    for card, result in zip(cards, answer["results"], strict=True):
        result.update(card.told())
        if intake.dry_run and result["status"] == BatchStatus.CREATED:
            del result["id"], result["version"]  # there is no such contact
    answer["columns"] = [{"name": name, "field": field} for name, field in columns.items()]
    return orjson.dumps(answer | {"dry_run": intake.dry_run})


def _read(file: bytes, intake: Intake) -> list[_Card]:
    cards: list[_Card] = []
    for row in VcardRows(io.BytesIO(file)).read():
        if len(cards) == MAX_ITEMS:
            raise TooManyCards(limit=MAX_ITEMS)
        cards.append(_card(row, intake))
    return cards


def _card(row: Row, intake: Intake) -> _Card:
    name = None if row.values.get("fn") is None else str(row.values["fn"])
    for problem in row.problems:
        if problem.code in _NO_CARD:
            return _Card(row, name, CardRefused(message=problem.words()))
    try:
        content = content_of(row.values, intake.country)
    except Refused as refused:
        return _Card(row, name, CardRefused(message=refused.words))
    own_id = _own_id(content.uid)
    remarks = [*(("", problem.code, problem.words()) for problem in row.problems), *content.remarks]
    link: dict[str, Any] | None = None
    if intake.customer_id is not None:
        link = {name: content.members[name] for name in ("title", "department") if name in content.members}
        link |= {"customer_id": intake.customer_id}
    system = SYSTEM if own_id is None else None
    body = _body(content, intake.language, system=system, link=link)
    return _Card(row, name, body, own_id, None, _told(remarks, intake.language), content.ignored)


def _of_table(person: reading.Person, table: reading.Table, customers: writing.Customers, intake: Intake) -> _Card:
    """A row on its way to be a contact; it is understood as a card that says the same."""
    row, name = person.row, person.card.get("fn")
    try:
        content = content_of(person.card, intake.country)
    except Refused as refused:
        return _Card(row, name, CardRefused(message=refused.words), number=row.number)
    link = writing.place(person, customers, intake.customer_id)
    body = link if isinstance(link, DomainError) else _body(content, intake.language, system=intake.system, link=link)
    remarks = [("", problem.code, problem.words()) for problem in row.problems]
    remarks += [(table.column_of(of), code, words) for of, code, words in (*person.remarks, *content.remarks)]
    return _Card(row, name, body, number=row.number, remarks=_told(remarks, intake.language))


def _told(remarks: Iterable[tuple[str, str, Words]], language: str) -> list[dict[str, str]]:
    return [{"property": name, "code": code, "detail": words.into(language)} for name, code, words in remarks]


def _body(
    content: Content, language: str, *, system: str | None, link: Mapping[str, Any] | None
) -> contacts.New | DomainError:
    members = dict(content.members)
    if content.uid and system is not None:
        members["external_refs"] = [ExternalRef(system=system, external_id=content.uid[:_LONGEST_UID])]
    if link is not None:
        members["links"] = [link]
    try:
        body = contacts.New.model_validate(members)
    except ValidationError as error:
        errors = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        return from_validation_error(errors, language)
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


async def _write_rows(unit: UnitOfWork, rows: Sequence[_Card], mode: BatchMode) -> list[Written | DomainError]:
    """Write rows one after the other where two are about the same person, and at once otherwise."""
    if mode is BatchMode.UPSERT:
        await contacts.lock_intake(unit.connection)
    outcomes: dict[int, Written | DomainError] = {
        number: row.content for number, row in enumerate(rows) if isinstance(row.content, DomainError)
    }
    bodies = {number: row.content for number, row in enumerate(rows) if not isinstance(row.content, DomainError)}
    places = list(bodies)
    for round_ in rounds([writing.keys_of(body) for body in bodies.values()]):
        new: dict[int, contacts.New] = {}
        for number in (places[place] for place in round_):
            known = None if mode is BatchMode.CREATE else await writing.bring_up_to_date(unit, bodies[number])
            if known is None:
                new[number] = bodies[number]
            else:
                outcomes[number] = known
        written = await contacts.create_contacts(unit, list(new.values())) if new else []
        outcomes |= dict(zip(new, written, strict=True))
    return [outcomes[number] for number in range(len(rows))]


async def _is_known(unit: UnitOfWork, id: UUID) -> bool:
    try:
        await unit.render(contacts.RESOURCE, id)
    except NotFound:
        return False
    return True
