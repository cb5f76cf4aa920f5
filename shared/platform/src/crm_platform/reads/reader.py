"""Get and list, as bytes."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Integer, Label, Select, Uuid, bindparam, func, literal_column, select

from crm_platform.cel import CelError, Filter, check, compile_filter
from crm_platform.cel.fields import Sought
from crm_platform.context import Caller, Visibility
from crm_platform.custom_fields.views import view_of
from crm_platform.db import Connection, Database, Query
from crm_platform.errors import InvalidParameter, NotFound
from crm_platform.reads.field_access import permitted, refuse_unseen
from crm_platform.reads.page import CountMode, PageParams, after_condition
from crm_platform.reads.resource import Resource
from crm_platform.reads.visibility import visibility_args, visible
from crm_platform.sealing.reading import SealedReading
from crm_platform.sealing.vault import vault_of
from crm_platform.search.paging import Found
from crm_platform.search.question import Question

COUNT_CAP = 1000
"""An estimated count is exact up to here and says "at least" beyond."""

_CACHE_SIZE = 512


@dataclass(frozen=True, slots=True)
class Rendered:
    """A record as JSON, with its id and its version for Location and ETag."""

    id: UUID
    body: bytes
    version: int


class _QueryCache:
    """Compiled statements by what they are about and by shape; the least recently used one leaves first."""

    def __init__(self) -> None:
        self._queries: OrderedDict[Any, tuple[Query, tuple[object, ...]]] = OrderedDict()

    def get(self, about: tuple[object, ...], shape: tuple[Any, ...], make: Callable[[], Select[Any]]) -> Query:
        """The statement about these very objects in this shape; ``make`` builds it the first time."""
        key = (*map(id, about), *shape)
        if key in self._queries:
            self._queries.move_to_end(key)
            return self._queries[key][0]
        query = Query(make())
        # Whoever is in here stays alive: another object at the same address would be taken for it.
        self._queries[key] = query, about
        if len(self._queries) > _CACHE_SIZE:
            self._queries.popitem(last=False)
        return query


_CACHE = _QueryCache()
statement_about = _CACHE.get
"""The one cache of compiled statements, for mechanisms that read resources their own way."""


class Reader:
    """Reads on behalf of one caller: only the caller's tenant, only what the caller may see."""

    __slots__ = ("_caller", "_database")

    def __init__(self, database: Database, caller: Caller) -> None:
        self._database = database
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self._caller

    def open(self) -> AbstractAsyncContextManager[Connection]:
        """A connection that sees the caller's tenant only; whoever reads through it sees to visibility."""
        return self._database.read(self._caller.tenant_id)

    async def get(self, resource: Resource, id: UUID, *, fields: Sequence[str] | None = None) -> Rendered:
        """One record.

        Raises:
            NotFound: It does not exist or the caller may not see it.
        """
        async with self._database.read(self._caller.tenant_id) as connection:
            return await fetch_one(connection, resource, self._caller, id, fields=fields)

    async def view(self, resource: Resource, *, now: bool = False) -> Resource:
        """The resource as the caller's company has it, with its custom fields; with ``now`` as they are just now."""
        part, tenant = resource.custom, self._caller.tenant_id
        if part is None:
            return resource
        fields = None if now else part.recent(tenant)
        if fields is None:
            async with self._database.read(tenant) as connection:
                fields = await part.renewed(connection, tenant)
        return view_of(resource, part, fields)

    def blind_key(self, kind: str, value: str) -> UUID:
        """The key of a normalised value, as the condition of :meth:`RecordKeys.having` wants it."""
        return vault_of(self._database).index.key(self._caller.tenant_id, kind, value)

    def _keyed(self, constants: Mapping[str, Any]) -> dict[str, Any]:
        """The constants of a filter, with keys in place of the texts that are looked for in sealed members."""
        return {name: self._keys(one) if isinstance(one, Sought) else one for name, one in constants.items()}

    def _keys(self, sought: Sought) -> list[UUID]:
        return [self.blind_key(sought.kind, text) for text in sought.texts]

    async def document(self, statement: str, *arguments: Any) -> bytes:
        """The one JSON text that ``statement`` gives; for figures, whose SQL sees to visibility itself."""
        async with self._database.read(self._caller.tenant_id) as connection:
            text: str = await connection.fetchval(statement, *arguments)
        return text.encode()

    async def page(
        self, resource: Resource, params: PageParams, *conditions: ColumnElement[bool], **values: Any
    ) -> bytes:
        """A page of records as ``{"items": [...], "next_cursor": ...}``.

        Args:
            resource: What to list.
            params: What the client asked for.
            conditions: Fixed conditions of this list; the same objects at every call.
            values: Parameters of ``conditions``.
        """
        resource = await self.view(resource)
        filtered = _filter_of(params, resource)
        refuse_unseen(resource, self._caller, params, values)
        joined = resource.joined(_named(params, resource)) if resource.joins else ()
        resource = permitted(resource, self._caller)
        listing = _Listing(resource, (*conditions, *joined), self._caller.visibility, filtered, params.question)
        given = {**visibility_args(resource.table, self._caller), **values, **self._keyed(listing.constants)}
        query = listing.query(params.shape(), lambda: _page_statement(listing, params))
        arguments = given | {"row_limit": params.limit + 1}
        for index, value in enumerate(params.after or ()):
            arguments[f"after_{index}"] = value
        async with self._database.read(self._caller.tenant_id) as connection:
            rows = await listing.fetch(connection, query, arguments)
            count = await _count(connection, listing, params.count, given)
        reading = resource.sealed_reading(params.fields)
        items = _items(reading, self._database, self._caller, rows[: params.limit])
        return _render_page(items, _next_cursor(rows, params), count)


async def view_in(connection: Connection, resource: Resource, caller: Caller) -> Resource:
    """Like :meth:`Reader.view`, as things are just now, through an open connection."""
    if resource.custom is None:
        return resource
    return view_of(resource, resource.custom, await resource.custom.renewed(connection, caller.tenant_id))


async def fetch_one(
    connection: Connection, resource: Resource, caller: Caller, id: UUID, *, fields: Sequence[str] | None = None
) -> Rendered:
    """One record through an open connection; see :meth:`Reader.get`."""
    if resource.custom is not None:
        known = resource.custom.recent(caller.tenant_id) or await resource.custom.renewed(connection, caller.tenant_id)
        resource = view_of(resource, resource.custom, known)
    resource = permitted(resource, caller)
    shape = (caller.visibility, tuple(fields) if fields else None)
    query = _CACHE.get((resource,), shape, lambda: _one_statement(resource, caller, fields))
    row = await connection.fetchrow(query.text, *query.bind(visibility_args(resource.table, caller) | {"id": id}))
    if row is None:
        raise NotFound(what=resource.what, id=id)
    (body,) = _items(resource.sealed_reading(fields), connection, caller, [row])
    return Rendered(id, body, row["version"])


def _one_statement(resource: Resource, caller: Caller, fields: Sequence[str] | None) -> Select[Any]:
    table = resource.table
    statement = select(_json(resource, fields), table.c.version, *_sealed_columns(resource, fields))
    statement = statement.where(table.c.id == bindparam("id", type_=Uuid))
    condition = visible(table, caller.visibility)
    return statement if condition is None else statement.where(condition)


@dataclass(frozen=True, slots=True)
class _Listing:
    """Which records a list is about."""

    resource: Resource
    conditions: tuple[ColumnElement[bool], ...]
    visibility: Visibility
    filter: Filter | None
    question: Question | None

    @property
    def constants(self) -> Mapping[str, Any]:
        """The parameters of the filter and of the search."""
        filtered = self.filter.values if self.filter else {}
        return {**filtered, "q": self.question.tsquery} if self.question else filtered

    @property
    def found(self) -> Found | None:
        """The records as they are found by words; None where nobody searches."""
        if self.question is None or self.resource.search is None:
            return None
        narrow = self.where if self.filter or self.conditions else None
        return Found(self.resource.search, self.resource.table, self.visibility, narrow)

    async def fetch(self, connection: Connection, query: Query, arguments: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a statement; one of a search is planned afresh, as its best plan depends on its words."""
        if self.question is None:
            return await connection.fetch(query.text, *query.bind(arguments))  # type: ignore[no-any-return]
        statement = await connection.prepare(query.text)
        return await statement.fetch(*query.bind(arguments))  # type: ignore[no-any-return]

    def query(self, shape: tuple[Any, ...], make: Callable[[], Select[Any]]) -> Query:
        """The statement about these records in this shape, whatever the constants of the filter are."""
        filtered = self.filter.shape if self.filter else None
        return _CACHE.get((self.resource, *self.conditions), (self.visibility, filtered, *shape), make)

    def where(self, statement: Select[Any]) -> Select[Any]:
        """``statement``, of these records only."""
        statement = statement.where(*self.conditions)
        seen = visible(self.resource.table, self.visibility)
        if seen is not None:
            statement = statement.where(seen)
        return statement if self.filter is None else statement.where(self.filter.condition())


def _named(params: PageParams, resource: Resource) -> list[str]:
    """The fields and sort keys that a list is asked by."""
    read = check(params.filter, resource.listed_by) if params.filter is not None else ()
    return [*read, *(key.name for key in params.order)]


def _filter_of(params: PageParams, resource: Resource) -> Filter | None:
    if params.filter is None:
        return None
    try:
        return compile_filter(params.filter, resource.listed_by)
    except CelError as error:
        raise InvalidParameter(parameter="filter", message=error.words()) from error


def _page_statement(listing: _Listing, params: PageParams) -> Select[Any]:
    resource = listing.resource
    shown, sealed = _json(resource, params.fields), _sealed_columns(resource, params.fields)
    if listing.found is not None:
        return listing.found.page(params, shown, sealed)
    keys = [key.sort.column.label(f"k{index}") for index, key in enumerate(params.order)]
    statement = listing.where(select(shown, *keys, *sealed))
    if params.after is not None:
        statement = statement.where(after_condition(params.order))
    ordered = [key.sort.column.desc() if key.descending else key.sort.column.asc() for key in params.order]
    return statement.order_by(*ordered).limit(bindparam("row_limit", type_=Integer))


async def _count(connection: Connection, listing: _Listing, how: CountMode | None, arguments: dict[str, Any]) -> bytes:
    if how is None:
        return b""
    query = listing.query((how, listing.question is not None), lambda: _count_statement(listing, how))
    ((number,),) = await listing.fetch(connection, query, arguments)
    capped = how == "estimate" and number > COUNT_CAP
    value = {"value": min(number, COUNT_CAP) if capped else number, "relation": "gte" if capped else "eq"}
    return b',"count":' + orjson.dumps(value)


def _count_statement(listing: _Listing, how: CountMode) -> Select[Any]:
    if listing.found is not None:
        matching = listing.found.rows()
    else:
        matching = listing.where(select(literal_column("1"))).select_from(listing.resource.table)
    if how == "estimate":
        matching = matching.limit(COUNT_CAP + 1)
    return select(func.count()).select_from(matching.subquery())


def _json(resource: Resource, fields: Sequence[str] | None) -> Label[str]:
    return resource.json_of(resource.table, fields).label("shown")


def _sealed_columns(resource: Resource, fields: Sequence[str] | None) -> list[Label[Any]]:
    """What is selected for the sealed members; the id is under a name that no sort key has."""
    reading = resource.sealed_reading(fields)
    return [] if reading is None else [resource.table.c.id.label("sealed_id"), *reading.columns(resource.table)]


def _items(
    reading: SealedReading | None, holder: Database | Connection, caller: Caller, rows: Sequence[Any]
) -> list[bytes]:
    """The records of ``rows`` as JSON, with their sealed members."""
    if reading is None:
        return [row["shown"].encode() for row in rows]
    vault, tenant = vault_of(holder), caller.tenant_id
    return [reading.finish(vault, tenant, row["sealed_id"], row["shown"].encode(), row) for row in rows]


def _next_cursor(rows: Sequence[Any], params: PageParams) -> str | None:
    if len(rows) <= params.limit:
        return None
    return params.cursor_after(tuple(rows[params.limit - 1])[1 : len(params.order) + 1])


def _render_page(items: Sequence[bytes], cursor: str | None, count: bytes) -> bytes:
    return b'{"items":[' + b",".join(items) + b'],"next_cursor":' + orjson.dumps(cursor) + count + b"}"
