"""Gathers what a service holds about a person, to be told: records as they are, and what their members mean."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Integer, Numeric, Table, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.privacy.v1 import SubjectKind
from crm_contracts.subject_access.v1 import ToldRecords
from crm_platform.db import Connection, Query
from crm_platform.privacy.declare import Holding
from crm_platform.reads.states import look_at
from crm_platform.sealing.tables import SEALED
from crm_platform.search.declare import COLUMN as WORDS
from crm_platform.store import Aggregate
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words

MOST: Final = 10_000
"""Records of one kind that are told, the newest ones; how many more there are is told too."""
PAGE_BYTES: Final = 256 << 10
"""Of a page, unless one record is larger: sealed and in base64 that is well below what a broker takes."""

_NOT_TOLD: Final = frozenset({"tenant_id", SEALED, WORDS})
_TYPES: Final[tuple[tuple[type[Any], dict[str, Any]], ...]] = (
    (Uuid, {"type": "string", "format": "uuid"}),
    (DateTime, {"type": "string", "format": "date-time"}),
    (Date, {"type": "string", "format": "date"}),
    (Boolean, {"type": "boolean"}),
    (Integer, {"type": "integer"}),
    (Numeric, {"type": "string", "description": "A decimal."}),
    (ARRAY, {"type": "array"}),
    (JSONB, {}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Records of one kind from one place.

    Attributes:
        record: What the kind is called in rules and certificates.
        source: Where they are, such as a table.
        title: What people call them.
        schema: JSON Schema of one, with the meaning of its members.
        items: The records, as JSON.
        left_out: How many older ones there are.
        withheld: Why none are told, where that is so.
    """

    record: str
    source: str
    title: Words
    schema: dict[str, Any] = field(default_factory=dict)
    items: Sequence[dict[str, Any]] = ()
    left_out: int = 0
    withheld: str | None = None

    @property
    def told(self) -> ToldRecords:
        """How much there is."""
        return ToldRecords(record=self.record, told=len(self.items), left_out=self.left_out, withheld=self.withheld)

    def as_json(self, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """The section with these of its items."""
        title = {"en": self.title.en, "zh": self.title.zh}
        about = {"record": self.record, "source": self.source, "title": title, "schema": self.schema}
        return {**about, "left_out": self.left_out, "withheld": self.withheld, "items": list(items)}


More = Callable[[UnitOfWork, SubjectKind, UUID], Awaitable[Sequence[Section]]]
"""What a service tells beside its holdings."""


async def gather(unit: UnitOfWork, holdings: Iterable[Holding], kind: SubjectKind, subject_id: UUID) -> list[Section]:
    """What ``holdings`` have about a person; kinds of which there are no records are left out."""
    found = [await _section(unit, one, subject_id) for one in holdings if one.about is kind]
    return [one for one in found if one.items or one.withheld]


async def _section(unit: UnitOfWork, holding: Holding, subject_id: UUID) -> Section:
    section = Section(record=holding.record, source=holding.table.name, title=holding.called)
    number = await _count(unit.connection, holding, subject_id)
    if number == 0:
        return section
    if holding.withheld is not None:
        return replace(section, withheld=holding.withheld)
    rows = await _rows(unit.connection, holding, subject_id)
    section = replace(section, left_out=max(0, number - MOST))
    if holding.aggregate is None:
        return replace(section, schema=schema_of(holding.table), items=rows)
    items = await records_of(unit, holding.aggregate, [row["id"] for row in rows])
    return replace(section, schema=holding.aggregate.spec.snapshot.model_json_schema(mode="serialization"), items=items)


async def records_of(unit: UnitOfWork, aggregate: Aggregate[Any], ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Records of an aggregate as its events carry them, but with their sealed members."""
    states = await look_at(unit.connection, aggregate, unit.caller, ids)
    snapshot = aggregate.spec.snapshot
    return [snapshot.model_validate(one, from_attributes=True).model_dump(mode="json") for one in states.values()]


def schema_of(table: Table) -> dict[str, Any]:
    """JSON Schema of the rows of a table, with what its comments say."""
    return {"type": "object", "properties": {str(column.name): _described(column) for column in _told(table)}}


def _described(column: Column[Any]) -> dict[str, Any]:
    known = next((schema for kind, schema in _TYPES if isinstance(column.type, kind)), {"type": "string"})
    return {**known, "description": column.comment} if column.comment else dict(known)


def _told(table: Table) -> list[Column[Any]]:
    retired = table.info.get("retired", frozenset())
    return [column for column in table.c if column.name not in _NOT_TOLD and column.name not in retired]


async def _count(connection: Connection, holding: Holding, subject_id: UUID) -> int:
    wanted = holding.table.c[holding.column] == bindparam("subject_id", type_=Uuid)
    query = Query(select(func.count()).select_from(holding.table).where(wanted))
    count: int = await connection.fetchval(query.text, *query.args(subject_id=subject_id))
    return count


async def _rows(connection: Connection, holding: Holding, subject_id: UUID) -> list[dict[str, Any]]:
    """The newest rows: the keys of nearly all tables begin with the tenant, and grow with time."""
    table = holding.table
    wanted = table.c[holding.column] == bindparam("subject_id", type_=Uuid)
    newest = [column.desc() for column in table.primary_key.columns]
    query = Query(select(*_told(table)).where(wanted).order_by(*newest).limit(MOST))
    return [dict(row) for row in await connection.fetch(query.text, *query.args(subject_id=subject_id))]


def pages(sections: Sequence[Section]) -> list[bytes]:
    """The sections as JSON, in pages that are small enough to be sent; at least one."""
    made: list[list[dict[str, Any]]] = [[]]
    room = PAGE_BYTES
    for section in sections:
        piece: list[dict[str, Any]] = []
        room -= len(_dumped(section.schema))
        for item in section.items:
            size = len(_dumped(item))
            if size > room and (piece or made[-1]):
                made[-1] += [section.as_json(piece)] if piece else []
                made.append([])
                piece, room = [], PAGE_BYTES
            piece.append(item)
            room -= size
        made[-1].append(section.as_json(piece))
    return [_dumped(one) for one in made]


def _dumped(content: Any) -> bytes:
    return orjson.dumps(content, default=_plain)


def _plain(value: Any) -> Any:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
