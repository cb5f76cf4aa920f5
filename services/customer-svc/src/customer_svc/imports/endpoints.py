"""Routes of imports."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from fastapi import Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from crm_contracts.imports.v1 import ImportMapping
from crm_platform.errors import Unauthenticated
from crm_platform.http.context import context_of
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.ids import new_id
from crm_platform.objects.store import Stored
from crm_platform.objects.uploads import kind_of, put_part
from crm_platform.operations.begin import begin
from crm_platform.operations.endpoints import accepted, begins
from crm_platform.runtime import runtime_of
from customer_svc.imports import service
from customer_svc.imports.domain import Import
from customer_svc.imports.models import IMPORTS
from customer_svc.imports.operations import (
    CHECK,
    RUN,
    TAKE,
    UNDO,
    Order,
    Taking,
    Undoing,
    report_name,
    source_name,
)
from customer_svc.imports.rows.reading import Inspected, inspected
from customer_svc.imports.schemas import FieldList, ImportRead, Parts

router = service_router("Imports")

FileName = Annotated[str, Query(min_length=1, max_length=200, description="What the file is called.")]
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": _BINARY},
    }
}
_REPORT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {kind.partition(";")[0]: _BINARY for kind in _MEDIA.values()}},
    404: {"description": ""},
    409: {"description": ""},
    410: {"description": "The file is no longer kept."},
}


def _takes_file(options: dict[str, Any]) -> dict[str, Any]:
    options["openapi_extra"] |= _FILE
    return options


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request, kept and looked at before any transaction begins."""

    id: UUID
    stored: Stored
    found: Inspected


async def _upload(request: Request) -> Upload:
    context = context_of(request)
    if context.caller is None:
        raise Unauthenticated(why=context.refusal)
    objects, tenant, id = runtime_of(request).objects, context.caller.tenant_id, new_id()
    # Read before the transaction: an idempotency key wants the body too, which can be streamed but once.
    await request.body()
    stored = await objects.put(tenant, source_name(id), request.stream())
    try:
        await kind_of(objects, tenant, stored.name, declared=request.headers.get("content-type", ""))
        path = await objects.path(tenant, stored.name)
        async with runtime_of(request).database.read(tenant) as connection:
            targets = await service.targets_for(connection, context.caller)
        found = await anyio.to_thread.run_sync(inspected, str(path), {}, targets)
    except BaseException:
        await objects.delete(tenant, stored.name)
        raise
    return Upload(id, stored, found)


UploadDep = Annotated[Upload, Depends(_upload)]


@router.get("/imports", response_model=Page[ImportRead], **reads("imports:read", lists=IMPORTS.resource))
async def list_imports(request: Request, reader: ReaderDep) -> Response:
    """List the imports that the caller may see."""
    return listed(await reader.page(IMPORTS.resource, page_params(request, IMPORTS.resource)))


@router.post("/imports", response_model=ImportRead, **_takes_file(writes("imports:write", creates=True)))
async def create_import(upload: UploadDep, unit: UnitOfWorkDep, file_name: FileName = "import") -> Response:
    """Give a file that fits a request: CSV, XLSX, JSON Lines or vCard; answers what its columns probably are."""
    record = await service.create_import(unit, file_name, id=upload.id, stored=upload.stored, found=upload.found)
    return created(record, "/v1/imports")


@router.post("/imports/in-parts", response_model=ImportRead, **writes("imports:write", creates=True))
async def begin_upload(unit: UnitOfWorkDep, file_name: FileName = "import") -> Response:
    """Begin an import whose file comes in numbered parts, each of which fits a request."""
    return created(await service.create_import(unit, file_name), "/v1/imports")


@router.get("/imports/fields", response_model=FieldList, **reads("imports:read"))
async def list_import_fields(request: Request, reader: ReaderDep) -> Response:
    """List the fields that columns can be mapped to, the company's custom ones too."""
    async with reader.open() as connection:
        targets = await service.targets_for(connection, reader.caller)
    return listed(service.fields_for(targets, context_of(request).language).model_dump_json().encode())


@router.get("/imports/{import_id}", response_model=ImportRead, **reads("imports:read"))
async def get_import(import_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one import: the file, its mapping, its operations."""
    return shown(request, await reader.get(IMPORTS.resource, import_id))


@router.put("/imports/{import_id}/parts/{number}", status_code=204, **_takes_file(writes("imports:write")))
async def put_import_part(
    import_id: UUID, number: Annotated[int, Path(ge=1, le=10_000)], request: Request, reader: ReaderDep
) -> Response:
    """Give one part of the file; in any order, and again where a connection broke."""
    await service.check_uploading(reader, import_id)
    objects = runtime_of(request).objects
    await put_part(objects, reader.caller.tenant_id, source_name(import_id), number, request.stream())
    return Response(status_code=204)


@router.post("/imports/{import_id}/complete", **begins("imports:write"))
async def complete_upload(import_id: UUID, body: Parts, unit: UnitOfWorkDep) -> Response:
    """Say that all parts are there; an operation joins them and looks at the file."""
    await service.load_uploading(unit, import_id)
    return accepted(await begin(unit, TAKE, Taking(import_id=import_id, parts=body.parts)))


@router.put("/imports/{import_id}/mapping", response_model=ImportRead, **writes("imports:write", versioned=True))
async def map_import(import_id: UUID, body: ImportMapping, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Say how rows become customers: which column goes where, by what known ones are recognised, what of duplicates."""
    return changed(await service.map_import(unit, import_id, body, if_match=if_match))


@router.post("/imports/{import_id}/check", **begins("imports:write"))
async def check_import(import_id: UUID, unit: UnitOfWorkDep) -> Response:
    """Try the import on all rows without effect; its report says what would become of each."""
    before = await service.load_import(unit, import_id)
    operation = await begin(unit, CHECK, _order(before))
    await service.note_begun(unit, before, "check", operation.id)
    return accepted(operation)


@router.post("/imports/{import_id}/run", **begins("customers:write"))
async def run_import(import_id: UUID, unit: UnitOfWorkDep) -> Response:
    """Carry the import out; done again, it changes only what has changed since."""
    before = await service.load_import(unit, import_id)
    operation = await begin(unit, RUN, _order(before))
    await service.note_begun(unit, before, "run", operation.id)
    return accepted(operation)


@router.post("/imports/{import_id}/undo", **begins("customers:write"))
async def undo_import(import_id: UUID, unit: UnitOfWorkDep) -> Response:
    """Take back what the import has entered and changed; what was edited since stays, and is listed as a conflict."""
    before = await service.load_import(unit, import_id)
    order = Undoing(import_id=before.id, file_name=before.file_name, run_ids=before.run_ids[::-1])
    operation = await begin(unit, UNDO, order)
    await service.note_begun(unit, before, "undo", operation.id)
    return accepted(operation)


@router.get("/imports/{import_id}/report", response_class=StreamingResponse, responses=_REPORT, **reads("imports:read"))
async def get_import_report(
    import_id: UUID, request: Request, reader: ReaderDep, operation_id: UUID | None = None
) -> Response:
    """Download what became of each row as CSV, of the last dry run or run or of the named one.

    Owners and teams that would change are named, where the caller may see them; the operation's results hold their ids.
    """
    return await _download(request, reader, import_id, operation_id, "report")


@router.get("/imports/{import_id}/errors", response_class=StreamingResponse, responses=_REPORT, **reads("imports:read"))
async def get_import_errors(
    import_id: UUID, request: Request, reader: ReaderDep, operation_id: UUID | None = None
) -> Response:
    """Download the rows that were refused or skipped, as they stand in the file, each with the reason."""
    return await _download(request, reader, import_id, operation_id, "errors")


async def _download(
    request: Request, reader: ReaderDep, import_id: UUID, operation_id: UUID | None, what: str
) -> Response:
    found = await service.find_import(reader, import_id)
    operation = service.reported_operation(found, operation_id)
    objects, tenant = runtime_of(request).objects, reader.caller.tenant_id
    name = report_name(import_id, operation, what)
    size = await service.report_size(objects, tenant, name)
    is_table = what == "errors" and found.format in {"xlsx", "jsonl"}
    extension = found.format if is_table else "csv"
    headers = {
        "content-length": str(size),
        "content-disposition": f'attachment; filename="{what}.{extension}"',
        "cache-control": "no-store",
    }
    return StreamingResponse(objects.get(tenant, name), headers=headers, media_type=_MEDIA[extension or "csv"])


def _order(found: Import) -> Order:
    mapping = service.mapping_of(found)
    return Order(import_id=found.id, file_name=found.file_name, options=service.options_of(found), mapping=mapping)
