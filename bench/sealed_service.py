"""The same record twice, with its personal data sealed and in the clear: for `bench/sealing.py`."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ARRAY, Column, Integer, MetaData, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import CreateTable, SchemaItem
from starlette.requests import Request
from starlette.responses import Response

from crm_contracts.base import DomainEvent, OwnedSnapshot
from crm_contracts.customer.v1 import Address
from crm_platform.aggregate import OwnedState
from crm_platform.app import create_service_app
from crm_platform.db.schema import aggregate_table, new_metadata, row_security
from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.responses import created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.ids import new_id
from crm_platform.sealing import RecordKeys, Sealed, record_keys_table, sealed_column
from crm_platform.store import Aggregate
from crm_platform.words import Words
from customer_svc.slices import SERVICE

TABLES = new_metadata()


class Fields(BaseModel):
    """What a client says."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name: str
    industry: str | None = None
    employees: int | None = None
    tags: tuple[str, ...] = ()
    phone: str | None = None
    email: str | None = None
    address: Address | None = None


class Person(Fields, OwnedState):
    """A record with personal data."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PersonSnapshot(Fields, OwnedSnapshot):
    """As events tell of it."""


class SealedEntered(DomainEvent[PersonSnapshot]):
    """One was entered whose personal data is sealed."""

    type, topic, aggregate_type = "sealed_person.entered", "crm.customer.v1", "sealed_person"


class ClearEntered(DomainEvent[PersonSnapshot]):
    """One was entered whose personal data is in the clear."""

    type, topic, aggregate_type = "clear_person.entered", "crm.customer.v1", "clear_person"


def _table(name: str, metadata: MetaData, *items: SchemaItem) -> Table:
    common: tuple[Column[Any], ...] = (
        Column("name", Text, nullable=False),
        Column("industry", Text),
        Column("employees", Integer),
        Column("tags", ARRAY(Text), nullable=False),
    )
    return aggregate_table(name, metadata, *common, *items, owned=True)


SEALED = Aggregate(
    name="sealed_person",
    plural="sealed-people",
    what=Words("person", "人"),
    table=_table("sealed_people", TABLES, sealed_column()),
    state=Person,
    snapshot=PersonSnapshot,
    sealed=Sealed(
        members=("phone", "email", "address"),
        keys=RecordKeys(
            record_keys_table("sealed_people_keys", TABLES),
            {"phone": lambda one: filter(None, [one.phone]), "email": lambda one: filter(None, [one.email])},
        ),
    ),
)
CLEAR = Aggregate(
    name="clear_person",
    plural="clear-people",
    what=Words("person", "人"),
    table=_table("clear_people", TABLES, Column("phone", Text), Column("email", Text), Column("address", JSONB)),
    state=Person,
    snapshot=PersonSnapshot,
)


def router_of(aggregate: Aggregate[Person], event: type[DomainEvent[PersonSnapshot]]) -> APIRouter:
    """Routes of one of the two."""
    router, path = service_router(aggregate.name), f"/{aggregate.resource.name}"

    @router.get(path, **reads("people:read", lists=aggregate.resource))
    async def list_people(request: Request, reader: ReaderDep) -> Response:
        return listed(await reader.page(aggregate.resource, page_params(request, aggregate.resource)))

    @router.get(f"{path}/{{person_id}}", **reads("people:read"))
    async def get_person(person_id: UUID, request: Request, reader: ReaderDep) -> Response:
        return shown(request, await reader.get(aggregate.resource, person_id))

    @router.post(path, **writes("people:write", creates=True))
    async def create_person(body: Fields, unit: UnitOfWorkDep) -> Response:
        person = Person(id=new_id(), owner_id=unit.caller.id, **dict(body))
        return created(await unit.insert(aggregate, person, event), f"/v1{path}")

    return router


def ddl() -> list[str]:
    """The statements that make the tables."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return [
        statement
        for table in TABLES.sorted_tables
        for statement in (str(CreateTable(table).compile(dialect=dialect)), *row_security(table))
    ]


def create_app() -> FastAPI:
    """The API of customer-svc and of both."""
    routers = (*SERVICE.routers, router_of(SEALED, SealedEntered), router_of(CLEAR, ClearEntered))
    return create_service_app(replace(SERVICE, routers=routers, aggregates=(*SERVICE.aggregates, SEALED, CLEAR)))
