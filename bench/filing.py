"""Invented customers, filed under their keys in tables under row-level security, as an import would leave them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Column, PrimaryKeyConstraint, Table, Uuid
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable, DropConstraint, ExecutableDDLElement

from bench.customers import GeneratedCustomer, customers
from crm_platform.db.schema import new_metadata, row_security, tenant_table
from crm_platform.sealing import record_keys_table
from crm_platform.sealing.index import BlindIndex
from customer_svc.duplicates.matching.keys import stored_keys
from customer_svc.duplicates.matching.profile import Entry, profile

TENANT = UUID(int=1)
PORTION = 50_000

_METADATA = new_metadata()
FILED: Table = tenant_table(
    "filed",
    _METADATA,
    Column("id", Uuid, nullable=False),
    Column("entry", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
KEYS: Table = record_keys_table("customer_keys", _METADATA)
_INDEX = BlindIndex(bytes(32))


def entry_of(customer: GeneratedCustomer) -> Entry:
    """A generated customer as it is compared."""
    return Entry(
        name=customer.name,
        is_person=customer.is_person,
        phones=(customer.phone,) if customer.phone else (),
        emails=(customer.email,) if customer.email else (),
        website=customer.website,
        street=customer.street,
        locality=customer.city,
        postcode=customer.postcode,
        birth_date=customer.birth_date,
        identifiers={"registration_id": customer.registration_id} if customer.registration_id else {},
    )


def loaded(values: dict[str, Any]) -> Entry:
    """An entry as it comes out of the table."""
    if "birth_date" in values:
        values["birth_date"] = date.fromisoformat(values["birth_date"])
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return Entry(**fields)


def _stored(entry: Entry) -> str:
    return orjson.dumps({name: value for name, value in asdict(entry).items() if value}).decode()


def blind(kind: str, text: str) -> UUID:
    """The hash of a key, as the service makes it."""
    return _INDEX.key(TENANT, kind, text)


def _sql(element: ExecutableDDLElement) -> str:
    return str(element.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


class Filing:
    """Fills the tables as an administrator, whom COPY is open to.

    Attributes:
        sample: Some of the customers, evenly spread.
        keys: How many keys were filed.
    """

    def __init__(self, admin: Any, count: int, wanted: int) -> None:
        self._admin = admin
        self._count = count
        self._wanted = wanted
        self.sample: list[GeneratedCustomer] = []
        self.keys = 0

    async def run(self, owner: str) -> None:
        """Make the tables of ``owner``, fill and index them, and put them under row-level security."""
        for table in (FILED, KEYS):
            await self._admin.execute(_sql(CreateTable(table)))
            await self._admin.execute(_sql(DropConstraint(table.primary_key)))
        random, stream = Random(2), customers(self._count)  # noqa: S311 - a sample, no secret
        share = self._wanted / self._count
        while portion := list(islice(stream, PORTION)):
            self.sample += random.sample(portion, round(len(portion) * share))
            await self._copy(portion)
        for table in (FILED, KEYS):
            await self._finish(table, owner)

    async def _finish(self, table: Table, owner: str) -> None:
        indexes: list[ExecutableDDLElement] = [AddConstraint(table.primary_key), *map(CreateIndex, table.indexes)]
        closed = [*row_security(table), f"ALTER TABLE {table.name} OWNER TO {owner}", f"VACUUM ANALYZE {table.name}"]
        for statement in [*map(_sql, indexes), *closed]:
            await self._admin.execute(statement)

    async def _copy(self, portion: Sequence[GeneratedCustomer]) -> None:
        entries = [(UUID(int=customer.number), entry_of(customer)) for customer in portion]
        await self._admin.copy_records_to_table(
            FILED.name, records=[(TENANT, id, _stored(entry)) for id, entry in entries], columns=FILED.columns.keys()
        )
        await self._admin.copy_records_to_table(
            KEYS.name, records=self._filed_keys(entries), columns=KEYS.columns.keys()
        )

    def _filed_keys(self, entries: Sequence[tuple[UUID, Entry]]) -> Iterator[tuple[UUID, str, UUID, UUID]]:
        for id, entry in entries:
            for kind, key in stored_keys(profile(entry), blind):
                self.keys += 1
                yield TENANT, kind, key, id
