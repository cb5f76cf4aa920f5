"""Use cases of documents of any record."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.responses import Response

from crm_contracts.document.v1 import RecordKind
from crm_platform.context import Caller
from crm_platform.errors import Forbidden, NotFound
from crm_platform.objects.store import Objects
from crm_platform.reads import Reader, Rendered
from crm_platform.reads.page import PageParams
from crm_platform.uow import UnitOfWork
from project_svc.attachments.errors import UnknownRecord
from project_svc.deliveries import service as deliveries
from project_svc.documents import service as documents
from project_svc.projects import service as projects
from project_svc.records import RECORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that somebody sends: what it is called and said to be, for which record, and in place of which version."""

    kind: RecordKind
    record_id: UUID
    name: str
    declared: str
    content: bytes
    replaces: UUID | None = None


async def add_document(unit: UnitOfWork, objects: Objects, upload: Upload) -> Rendered:
    """Keep a file of a record.

    Raises:
        Forbidden: The caller may not change such records.
        UnknownRecord: There is none that the caller may see.
        ProjectEnded: Its project is closed or cancelled; of a delivery, it is over.
        EmptyDocument: The file has no content.
        UnsafeDocument: It is not what is declared, or nothing that is handed out.
        UnknownDocument: There is nothing to replace.
        OtherRecord: What is to be replaced belongs to something else.
        AlreadySuperseded: It was replaced before.
    """
    expect_right(unit.caller, upload.kind, "write")
    record = await unit.find(RECORDS[upload.kind].aggregate, upload.record_id)
    if record is None:
        raise UnknownRecord(record_kind=upload.kind.value, record_id=upload.record_id)
    if upload.kind is RecordKind.DELIVERY:
        return await deliveries.add_document(
            unit,
            objects,
            record.id,
            upload.content,
            name=upload.name,
            declared=upload.declared,
            replaces=upload.replaces,
        )
    document = await _begun(unit, record, upload)
    return await documents.add(
        unit, objects, document, upload.content, declared=upload.declared, replaces=upload.replaces
    )


async def _begun(unit: UnitOfWork, record: Any, upload: Upload) -> documents.Document:
    project_id = record.id if upload.kind is RecordKind.PROJECT else record.project_id
    project = await projects.expect_not_closed(unit, project_id)
    return documents.begin(
        owner_id=record.owner_id,
        team_id=record.team_id,
        project_id=project.id,
        customer_id=project.customer_id,
        kind=upload.kind,
        record_id=record.id,
        name=upload.name,
    )


async def list_documents(reader: Reader, params: PageParams) -> bytes:
    """A page of the documents of those records that the caller may see."""
    kinds = [kind.value for kind, kept in RECORDS.items() if reader.caller.may(f"{kept.scope}:read")]
    return await reader.page(documents.DOCUMENTS.resource, params, documents.OF_KINDS, kinds=kinds)


async def get_document(reader: Reader, id: UUID) -> Rendered:
    """What is known of a document.

    Raises:
        NotFound: There is none that the caller may see.
        Forbidden: The caller may not see such records.
    """
    rendered = await reader.get(documents.DOCUMENTS.resource, id)
    expect_right(reader.caller, documents.DocumentRead.model_validate_json(rendered.body).record_kind, "read")
    return rendered


async def content_of(reader: Reader, objects: Objects, id: UUID) -> Response:
    """A document as a download; raises what :func:`get_document` raises.

    Raises:
        NoSuchFile: Its content is not kept any more.
    """
    found = documents.DocumentRead.model_validate_json((await get_document(reader, id)).body)
    return await documents.content(objects, reader.caller.tenant_id, id, name=found.name, media_type=found.media_type)


async def remove_document(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a version of a document; one whose record is gone, too.

    Raises:
        NotFound: There is none that the caller may see.
        Forbidden: The caller may not change such records.
        DocumentIsEvidence: It was handed to the customer.
    """
    found = await documents.find(unit.connection, id)
    if found is None:
        raise NotFound(what=documents.NOUN, id=id)
    expect_right(unit.caller, found.record_kind, "write")
    await unit.find(RECORDS[found.record_kind].aggregate, found.record_id)
    if found.record_kind is RecordKind.DELIVERY:
        await deliveries.expect_no_evidence(unit, found.record_id, id)
    await documents.remove(unit, id, if_match=if_match)


def expect_right(caller: Caller, kind: RecordKind, right: str) -> None:
    """Refuse what takes another right than that to the project.

    Raises:
        Forbidden: The caller does not have it.
    """
    scope = f"{RECORDS[kind].scope}:{right}"
    if not caller.may(scope):
        raise Forbidden(scope=scope)
