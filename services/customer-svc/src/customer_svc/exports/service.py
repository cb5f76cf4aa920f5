"""Use cases of exports: what a caller sees, page after page, as a file."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import orjson

from crm_platform.context import Caller, Cause
from crm_platform.db import Connection, Database
from crm_platform.errors import Forbidden
from crm_platform.files.parquet_writer import ParquetWriter
from crm_platform.files.text_writers import CsvWriter, JsonWriter
from crm_platform.files.writing import Record, Writer
from crm_platform.files.xlsx.writer import XlsxWriter
from crm_platform.ids import new_id
from crm_platform.objects.store import Objects
from crm_platform.operations.control import show
from crm_platform.reads import Reader
from crm_platform.reads.page import PageParams
from crm_platform.uow import UnitOfWork
from customer_svc.customers import service as customers
from customer_svc.disclosures import service as disclosures
from customer_svc.exports.errors import ExportNotReady, ExportTooLarge, UnknownColumn
from customer_svc.exports.schemas import ExportCreate, ExportFormat
from customer_svc.exports.table.columns import BY_NAME, Exported, custom_column, record_of
from customer_svc.known_teams import service as known_teams
from customer_svc.known_users import service as known_users

MOST_AT_ONCE: Final = 10_000
"""Rows that one request takes: they are written well within its deadline."""
_PAGE: Final = 1000
_WRITERS: Final[dict[ExportFormat, Any]] = {
    ExportFormat.CSV: CsvWriter,
    ExportFormat.XLSX: XlsxWriter,
    ExportFormat.JSON_LINES: JsonWriter,
    ExportFormat.PARQUET: ParquetWriter,
}


async def checked_columns(reader: Reader, order: ExportCreate) -> tuple[Exported, ...]:
    """The columns that are wanted, of those that there are and of the company's custom fields.

    Raises:
        UnknownColumn: One of them is not there.
    """
    async with reader.open() as connection:
        custom = await customers.custom_fields(connection, reader.caller.tenant_id)
    known = {**BY_NAME, **{one.name: one for one in map(custom_column, custom.active)}}
    for name in order.columns or ():
        if name not in known:
            raise UnknownColumn(name=name, known=", ".join(known))
    return tuple(known[name] for name in dict.fromkeys(order.columns or known))


def writer_for(reader: Reader, order: ExportCreate, columns: Sequence[Exported]) -> Writer:
    """Writes the file."""
    writer: Writer = _WRITERS[order.format]([one.column(reader.caller.language) for one in columns])
    return writer


async def params_for(
    reader: Reader, order: ExportCreate, cursor: str | None = None, *, count: bool = False
) -> PageParams:
    """What is asked of the list of customers, for one page.

    Raises:
        InvalidParameter: The filter cannot be used.
        UnknownColumn: A column is not there.
    """
    needed = dict.fromkeys(("id", *(one.needs for one in await checked_columns(reader, order))))
    query = {"limit": str(_PAGE), "sort": "id", "fields": ",".join(needed)}
    query |= {"filter": order.filter} if order.filter else {}
    query |= {"cursor": cursor} if cursor else {}
    query |= {"count": "exact"} if count else {}
    return PageParams.parse(query, await reader.view(customers.view_for(reader.caller)), max_limit=_PAGE)


async def check_size(reader: Reader, order: ExportCreate) -> None:
    """Refuse what one request does not take, and filters that cannot be used, before anything is sent.

    Raises:
        ExportTooLarge: There are too many customers.
        InvalidParameter: The filter cannot be used.
        UnknownColumn: A column is not there.
    """
    number = (await page(reader, order, None, count=True))["count"]["value"]
    if number > MOST_AT_ONCE:
        raise ExportTooLarge(number=number, limit=MOST_AT_ONCE)


async def check_filter(reader: Reader, order: ExportCreate) -> None:
    """Refuse an order that cannot be carried out.

    Raises:
        InvalidParameter: The filter cannot be used.
        UnknownColumn: A column is not there.
    """
    params = replace(await params_for(reader, order), limit=1)
    await reader.page(customers.view_for(reader.caller), params)


async def batches(database: Database, reader: Reader, order: ExportCreate) -> AsyncIterator[Sequence[Record]]:
    """The customers that the caller sees, in portions, in the order of their ids.

    It is on record who they are before they are sent: what was sent may have been read, also if the rest is not.
    """
    columns, cursor, file_id = await checked_columns(reader, order), None, new_id()
    while True:
        found = await page(reader, order, cursor)
        async with database.transaction(reader.caller.tenant_id) as connection:
            unit = UnitOfWork(connection, reader.caller, Cause(actor=reader.caller.actor))
            if cursor is None:
                await disclosures.note_file(unit, file_id, [one.name for one in columns])
            await disclosures.note_page(unit, file_id, ids_of(found["items"]))
        yield await records_of(database, reader.caller, found["items"], columns)
        cursor = found["next_cursor"]
        if cursor is None:
            return


async def page(reader: Reader, order: ExportCreate, cursor: str | None, *, count: bool = False) -> dict[str, Any]:
    """The next customers that the caller sees, as the list shows them; with ``count`` also how many there are."""
    params = await params_for(reader, order, cursor, count=count)
    found: dict[str, Any] = orjson.loads(await reader.page(customers.view_for(reader.caller), params))
    return found


async def records_of(
    database: Database, caller: Caller, items: Sequence[Mapping[str, Any]], columns: Sequence[Exported]
) -> list[Record]:
    """Rows of the file for some customers; people and teams by e-mail address and name, for who may see these."""
    names: dict[str, str] = {}
    if any(one.named for one in columns):
        async with database.read(caller.tenant_id) as connection:
            names = await _names(connection, caller, items)
    return [record_of(item, columns, names) for item in items]


async def _names(connection: Connection, caller: Caller, items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    owners, teams = (
        {UUID(item[name]) for item in items if item.get(name)} if caller.may(scope) else set[UUID]()
        for name, scope in (("owner_id", "users:read"), ("team_id", "teams:read"))
    )
    emails = await known_users.emails_of(connection, caller.tenant_id, owners)
    found = emails | await known_teams.unique_names_of(connection, teams)
    return {str(id): name for id, name in found.items()}


def ids_of(items: Iterable[Mapping[str, Any]]) -> list[UUID]:
    """The ids of customers of a page."""
    return [UUID(item["id"]) for item in items]


def check_rights(caller: Caller) -> None:
    """Refuse to export what the caller may not see.

    Raises:
        Forbidden: The caller may not see customers.
    """
    if not caller.may("customers:read"):
        raise Forbidden(scope="customers:read")


def object_name(operation_id: UUID) -> str:
    """Under which name the file of an export is kept."""
    return f"exports/{operation_id}"


def part_name(operation_id: UUID, number: int) -> str:
    """Under which name a part of an export's rows is kept, until its file is written."""
    return f"exports/{operation_id}.parts/{number:05}"


async def finished_export(
    database: Database, objects: Objects, caller: Caller, operation_id: UUID
) -> tuple[ExportFormat, int]:
    """The format of an export's file, and its bytes.

    Raises:
        NotFound: There is no such operation, or it is another's.
        ExportNotReady: It has no file yet.
        NoSuchFile: It is not kept any more.
    """
    async with database.read(caller.tenant_id) as connection:
        operation = orjson.loads((await show(connection, caller, operation_id)).body)
    if operation["kind"] != "customers.export" or operation["status"] != "succeeded":
        raise ExportNotReady
    size = await objects.size(caller.tenant_id, object_name(operation_id))
    return ExportFormat(operation["input"]["format"]), size
