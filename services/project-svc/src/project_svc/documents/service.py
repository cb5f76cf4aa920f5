"""Use cases of documents, for those who know the records that these belong to."""

from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

from starlette.responses import Response

from crm_contracts.delivery.v1 import Evidence
from crm_contracts.document.v1 import DocumentAdded, DocumentRemoved, DocumentUpdated, RecordKind
from crm_platform.aggregate import OwnedState
from crm_platform.db import Connection
from crm_platform.errors import NotFound
from crm_platform.files.sniffing import MEDIA_TYPES, media_type_of
from crm_platform.ids import new_id
from crm_platform.objects.answers import download
from crm_platform.objects.store import Objects
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.documents import repository
from project_svc.documents.domain import NOUN, Document, fits, object_name
from project_svc.documents.errors import DocumentIsEvidence, EmptyDocument, UnknownDocument, UnsafeDocument
from project_svc.documents.models import DOCUMENTS
from project_svc.documents.repository import OF_DELIVERY, OF_KINDS, find
from project_svc.documents.schemas import DocumentRead

__all__ = [
    "DOCUMENTS",
    "NOUN",
    "OF_DELIVERY",
    "OF_KINDS",
    "Document",
    "DocumentIsEvidence",
    "DocumentRead",
    "add",
    "answer",
    "begin",
    "content",
    "evidence",
    "expect",
    "find",
    "follow",
    "remove",
]

_UNREADABLE = "application/octet-stream"


def begin(
    *,
    owner_id: UUID | None,
    team_id: UUID | None,
    project_id: UUID,
    customer_id: UUID,
    kind: RecordKind,
    record_id: UUID,
    name: str,
) -> Document:
    """A document of which there is no content yet; seen by whom the record is seen."""
    id = new_id()
    return Document(
        id=id,
        owner_id=owner_id,
        team_id=team_id,
        project_id=project_id,
        customer_id=customer_id,
        record_kind=kind,
        record_id=record_id,
        delivery_id=record_id if kind is RecordKind.DELIVERY else None,
        name=name,
        media_type=_UNREADABLE,
        size=0,
        sha256="",
        series_id=id,
    )


async def add(
    unit: UnitOfWork,
    objects: Objects,
    about: Document,
    content: bytes,
    *,
    declared: str,
    replaces: UUID | None = None,
) -> Rendered:
    """Keep a file of a record, which the caller has locked; what is left of an attempt that fails is swept.

    Raises:
        EmptyDocument: It has no content.
        UnsafeDocument: It is not what is declared, or nothing that is handed out.
        UnknownDocument: There is nothing to replace.
        OtherRecord: What is to be replaced belongs to something else.
        AlreadySuperseded: It was replaced before.
        Unavailable: The store of files does not answer.
    """
    if not content:
        raise EmptyDocument
    declared = declared.partition(";")[0].strip().lower()
    found = media_type_of(content)
    if found is None or not fits(declared, found):
        raise UnsafeDocument(declared=declared, found=found or _UNREADABLE, taken=", ".join(MEDIA_TYPES))
    before = None if replaces is None else await _to_replace(unit, replaces)
    document = about if before is None else about.replaces(before)
    stored = await objects.put(unit.caller.tenant_id, object_name(document.id), _pieces(content))
    document = document.with_(media_type=found, size=stored.size, sha256=stored.sha256)
    rendered = await unit.insert(DOCUMENTS, document, DocumentAdded)
    if before is not None:
        await unit.update(DOCUMENTS, before, before.with_(superseded_by=document.id), DocumentUpdated)
    return rendered


async def _to_replace(unit: UnitOfWork, id: UUID) -> Document:
    before = await unit.find(DOCUMENTS, id)
    if before is None:
        raise UnknownDocument(document_id=id)
    return before


async def remove(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a version of a document, whose record the caller has locked; its content is swept.

    The version before it is followed by the one behind it.

    Raises:
        NotFound: There is none that the caller may see.
    """
    document = await unit.load(DOCUMENTS, id, if_match=if_match)
    before_id = await repository.before(unit.connection, id)
    await unit.delete(DOCUMENTS, document, DocumentRemoved)
    if before_id is not None:
        before = await unit.load(DOCUMENTS, before_id, if_match=ANY_VERSION)
        after = before.with_(superseded_by=document.superseded_by)
        await unit.update(DOCUMENTS, before, after, DocumentUpdated)


async def follow(unit: UnitOfWork, record: OwnedState) -> None:
    """Let the documents of a record, which the caller has locked, be seen by whom it is seen; its owner has changed."""
    found = await repository.of_record(unit.connection, record.id)
    changes = [(one, one.with_(owner_id=record.owner_id, team_id=record.team_id)) for one in found]
    await unit.update_many(DOCUMENTS, changes, DocumentUpdated)


async def evidence(unit: UnitOfWork, delivery_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Evidence]:
    """The files of a delivery as evidence, by id.

    Raises:
        UnknownDocument: It has no such file.
    """
    found = await repository.evidence_of(unit.connection, delivery_id, ids) if ids else {}
    if missing := [id for id in ids if id not in found]:
        raise UnknownDocument(document_id=missing[0])
    return found


async def expect(connection: Connection, document_id: UUID) -> Evidence:
    """A file of a delivery by its id, whoever asks.

    Raises:
        NotFound: There is no such file.
    """
    found = await repository.find_evidence(connection, document_id)
    if found is None:
        raise NotFound(what=NOUN, id=document_id)
    return found


async def answer(objects: Objects, tenant: UUID, document: Evidence) -> Response:
    """A file of a delivery, as a download.

    Raises:
        NotFound: The evidence is no file.
        NoSuchFile: It is not kept any more.
    """
    if document.document_id is None:
        raise NotFound(what=NOUN, id=document.name)
    media_type, name = document.media_type or _UNREADABLE, object_name(document.document_id)
    return await download(objects, tenant, name, file_name=document.name, media_type=media_type)


async def content(objects: Objects, tenant: UUID, id: UUID, *, name: str, media_type: str) -> Response:
    """A file of any record, as a download.

    Raises:
        NoSuchFile: It is not kept any more.
    """
    return await download(objects, tenant, object_name(id), file_name=name, media_type=media_type)


async def _pieces(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content
