"""Routes of documents of any record."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm_contracts.document.v1 import RecordKind
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.files import FileName, gives_file, takes_file
from crm_platform.http.lists import Page
from crm_platform.http.responses import created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.runtime import runtime_of
from project_svc.attachments import service
from project_svc.attachments.service import Upload
from project_svc.documents.service import DOCUMENTS, DocumentRead

router = service_router("Documents")


@router.get("/documents", response_model=Page[DocumentRead], **reads("projects:read", lists=DOCUMENTS.resource))
async def list_documents(request: Request, reader: ReaderDep) -> Response:
    """List the documents that the caller may see; filter by `project_id`, `record_id` or `series_id`.

    Those of risks, deliveries and outcomes are there for whoever may read these.
    """
    return listed(await service.list_documents(reader, page_params(request, DOCUMENTS.resource)))


@router.post("/documents", response_model=DocumentRead, **takes_file(writes("projects:write", creates=True)))
async def add_document(
    request: Request,
    unit: UnitOfWorkDep,
    *,
    record_kind: RecordKind,
    record_id: UUID,
    name: FileName = "document",
    replaces: Annotated[UUID | None, Query(description="The last version of a document of the same record.")] = None,
) -> Response:
    """Give a file of a record that fits a request; its kind is found by its content. Publishes `document.added`.

    With `replaces` it is the next version of a document; all versions stay. Who may change the record may add to it.
    """
    upload = Upload(
        kind=record_kind,
        record_id=record_id,
        name=name,
        declared=request.headers.get("content-type", ""),
        content=await request.body(),
        replaces=replaces,
    )
    return created(await service.add_document(unit, runtime_of(request).objects, upload), "/v1/documents")


@router.get("/documents/{document_id}", response_model=DocumentRead, **reads("projects:read"))
async def get_document(document_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show what is known of a document."""
    return shown(request, await service.get_document(reader, document_id))


@router.get("/documents/{document_id}/content", **gives_file(reads("projects:read")))
async def get_document_content(document_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Download a document; browsers neither show it in our name nor guess what it is."""
    return await service.content_of(reader, runtime_of(request).objects, document_id)


@router.delete("/documents/{document_id}", status_code=204, **writes("projects:write", versioned=True))
async def remove_document(document_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a version of a document, unless the customer was handed it; publishes `document.removed`.

    Its content is gone within two hours.
    """
    await service.remove_document(unit, document_id, if_match=if_match)
    return Response(status_code=204)
