"""An aggregate with personal data, as a slice of a service has it: people, and notes that others take about them."""

import unicodedata
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, Table, Text, Uuid
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from starlette.requests import Request
from starlette.responses import Response

from crm_contracts.base import Contract, DomainEvent, OwnedSnapshot, Snapshot
from crm_platform.aggregate import AggregateState, OwnedState
from crm_platform.db.schema import aggregate_table, new_metadata, row_security
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import absent, changes_of
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.ids import new_id
from crm_platform.sealing import FoundBy, RecordKeys, Sealed, record_keys_table, sealed_column
from crm_platform.store import Aggregate
from crm_platform.words import Words

TABLES = new_metadata()


class Place(Contract):
    """Where somebody lives."""

    city: str
    street: str | None = None


class Person(OwnedState):
    """Somebody whose phone, e-mails and address are nobody's business."""

    name: str
    phone: str | None = None
    emails: tuple[str, ...] = ()
    address: Place | None = None
    city_code: str | None = None


class PersonSnapshot(OwnedSnapshot):
    """A person, as events tell of it."""

    name: str
    phone: str | None
    emails: tuple[str, ...]
    address: Place | None
    city_code: str | None


class PersonEvent(DomainEvent[PersonSnapshot]):
    """Base of the events."""

    topic = "crm.customer.v1"
    aggregate_type = "person"


class PersonEntered(PersonEvent):
    """A person was entered."""

    type = "person.entered"


class PersonChanged(PersonEvent):
    """A person changed."""

    type = "person.changed"


class PersonRemoved(PersonEvent):
    """A person was removed."""

    type = "person.removed"


class Note(AggregateState):
    """What somebody wrote down about a person; sealed with that person's key."""

    person_id: UUID
    title: str
    text: str | None = None


class NoteSnapshot(Snapshot):
    """A note, as events tell of it."""

    person_id: UUID
    title: str
    text: str | None


class NoteTaken(DomainEvent[NoteSnapshot]):
    """A note was taken."""

    type = "note.taken"
    topic = "crm.customer.v1"
    aggregate_type = "note"


people: Table = aggregate_table(
    "people",
    TABLES,
    Column("name", Text, nullable=False),
    Column("city_code", Text),
    sealed_column(),
    owned=True,
)
notes: Table = aggregate_table(
    "notes", TABLES, Column("person_id", Uuid, nullable=False), Column("title", Text, nullable=False), sealed_column()
)


def phone_key(text: str) -> str:
    """What phones are compared by: width and spacing do not count."""
    return "".join(unicodedata.normalize("NFKC", text).split())


PEOPLE_KEYS = RecordKeys(
    record_keys_table("people_keys", TABLES),
    {
        "phone": lambda person: [phone_key(person.phone)] if person.phone else [],
        "email": lambda person: [email.casefold() for email in person.emails],
    },
)

PEOPLE = Aggregate(
    name="person",
    plural="people",
    what=Words("person", "人"),
    table=people,
    state=Person,
    snapshot=PersonSnapshot,
    sort_by={"name": people.c.name},
    sealed=Sealed(
        members=("phone", "emails", "address"),
        keys=PEOPLE_KEYS,
        filters={
            "phone": FoundBy("phone", lambda text: phone_key(text) or None),
            "emails": FoundBy("email", str.casefold, many=True),
        },
    ),
)
NOTES = Aggregate(
    name="note",
    plural="notes",
    what=Words("note", "便笺"),
    table=notes,
    state=Note,
    snapshot=NoteSnapshot,
    sealed=Sealed(members=("text",), subject="person_id"),
)


class PersonCreate(BaseModel):
    """A new person."""

    model_config = ConfigDict(extra="forbid")

    name: str
    phone: str | None = None
    emails: tuple[str, ...] = ()
    address: Place | None = None
    city_code: str | None = None


class PersonUpdate(PersonCreate):
    """Changes of a person."""

    name: Annotated[str, Field(default_factory=absent)]


class NoteCreate(BaseModel):
    """A new note."""

    title: str
    text: str | None = None


router = service_router("People")


@router.get("/people", **reads("people:read", lists=PEOPLE.resource))
async def list_people(request: Request, reader: ReaderDep) -> Response:
    return listed(await reader.page(PEOPLE.resource, page_params(request, PEOPLE.resource)))


@router.post("/people", **writes("people:write", creates=True))
async def create_person(body: PersonCreate, unit: UnitOfWorkDep) -> Response:
    person = Person(id=new_id(), owner_id=unit.caller.id, **dict(body))
    return created(await unit.insert(PEOPLE, person, PersonEntered), "/v1/people")


@router.get("/people/{person_id}", **reads("people:read"))
async def get_person(person_id: UUID, request: Request, reader: ReaderDep) -> Response:
    return shown(request, await reader.get(PEOPLE.resource, person_id))


@router.patch("/people/{person_id}", **writes("people:write", versioned=True))
async def change_person(person_id: UUID, body: PersonUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    before = await unit.load(PEOPLE, person_id, if_match=if_match)
    return changed(await unit.update(PEOPLE, before, before.with_(**changes_of(body)), PersonChanged))


@router.delete("/people/{person_id}", status_code=204, **writes("people:write", versioned=True))
async def remove_person(person_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    before = await unit.load(PEOPLE, person_id, if_match=if_match)
    await unit.delete(PEOPLE, before, PersonRemoved)
    return Response(status_code=204)


@router.get("/notes", **reads("people:read", lists=NOTES.resource))
async def list_notes(request: Request, reader: ReaderDep) -> Response:
    return listed(await reader.page(NOTES.resource, page_params(request, NOTES.resource)))


@router.post("/people/{person_id}/notes", **writes("people:write", creates=True))
async def take_note(person_id: UUID, body: NoteCreate, unit: UnitOfWorkDep) -> Response:
    note = Note(id=new_id(), person_id=person_id, **dict(body))
    return created(await unit.insert(NOTES, note, NoteTaken), "/v1/notes")


def ddl(table: Table) -> list[str]:
    """The statements that make a table with its row-level security."""
    made = str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    return [made, *row_security(table)]


def tables_of(role: str) -> list[str]:
    """The statements that make the tables of the aggregates, as migrations of the service would."""
    return [
        statement
        for table in TABLES.sorted_tables
        for statement in (*ddl(table), f"ALTER TABLE {table.name} OWNER TO {role}")
    ]


def needle(number: int) -> dict[str, Any]:
    """Personal data that is found wherever it is in the clear."""
    return {
        "phone": f"+86139{number:08d}",
        "emails": [f"zhang{number}@needle.example", f"备用{number}@needle.example"],
        "address": {"city": f"绍兴{number}", "street": f"Needle Road {number}"},
    }
