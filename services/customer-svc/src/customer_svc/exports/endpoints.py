"""Routes of exports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from crm_platform.files.writing import streamed
from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep
from crm_platform.http.route import reads, service_router
from crm_platform.operations.begin import begin
from crm_platform.operations.endpoints import accepted, begins
from crm_platform.runtime import runtime_of
from customer_svc.exports import service
from customer_svc.exports.operations import EXPORT
from customer_svc.exports.schemas import ExportCreate, ExportFormat
from customer_svc.exports.table.columns import BY_NAME

router = service_router("Exports")

_MEDIA = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.JSON_LINES: "application/jsonl",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}
_ONE = "|".join([*BY_NAME, r"custom\.[a-z][a-z0-9_]{0,39}"])
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {kind.partition(";")[0]: _BINARY for kind in _MEDIA.values()}},
    409: {"description": ""},
    410: {"description": "The file is no longer kept."},
}
# The pattern only documents: what is refused, and what there is instead, UnknownColumn says better.
_Columns = Annotated[str, Field(max_length=2000, json_schema_extra={"pattern": f"^({_ONE})(,({_ONE}))*$"})]
Columns = Annotated[_Columns | None, Query(description="Names of columns, separated by commas.")]
Filter = Annotated[str | None, Query(max_length=4000, description="As of the list of customers, in CEL.")]


@router.get("/exports/customers", response_class=StreamingResponse, responses=_FILE, **reads("exports:read"))
async def export_customers(
    request: Request,
    reader: ReaderDep,
    format: ExportFormat = ExportFormat.CSV,
    columns: Columns = None,
    filter: Filter = None,
) -> Response:
    """Download customers at once, as many as one request takes; as the caller sees them, and safe to open."""
    service.check_rights(reader.caller)
    chosen = None if columns is None else tuple(columns.split(","))
    order = ExportCreate(format=format, filter=filter, columns=chosen)
    await service.check_size(reader, order)
    writer = service.writer_for(reader, order, await service.checked_columns(reader, order))
    content = streamed(writer, service.batches(runtime_of(request).database, reader, order))
    return StreamingResponse(content, headers=_headers(format), media_type=_MEDIA[format])


@router.post("/exports", **begins("exports:write"))
async def begin_export(body: ExportCreate, reader: ReaderDep, unit: UnitOfWorkDep) -> Response:
    """Export any number of customers by an operation, whose result says where the file is."""
    service.check_rights(reader.caller)
    await service.check_filter(reader, body)
    return accepted(await begin(unit, EXPORT, body))


@router.get("/exports/{operation_id}/file", response_class=StreamingResponse, responses=_FILE, **reads("exports:read"))
async def get_export_file(operation_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Download the file of an export that was begun by the caller."""
    service.check_rights(reader.caller)
    runtime, caller = runtime_of(request), reader.caller
    kind, size = await service.finished_export(runtime.database, runtime.objects, caller, operation_id)
    content = runtime.objects.get(caller.tenant_id, service.object_name(operation_id))
    headers = _headers(kind) | {"content-length": str(size)}
    return StreamingResponse(content, headers=headers, media_type=_MEDIA[kind])


def _headers(format: ExportFormat) -> dict[str, str]:
    name = f'attachment; filename="customers.{format.value}"'
    return {"content-disposition": name, "cache-control": "no-store"}
