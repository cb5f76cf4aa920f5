"""Use cases of the files of deliveries."""

from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

from starlette.responses import Response

from crm_contracts.delivery.v1 import DeliveryDocumentAdded, Evidence
from crm_platform.db import Connection
from crm_platform.errors import NotFound
from crm_platform.files.sniffing import MEDIA_TYPES, media_type_of
from crm_platform.ids import new_id
from crm_platform.objects.answers import download
from crm_platform.objects.store import Objects
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.delivery_documents import repository
from project_svc.delivery_documents.domain import NOUN, DeliveryDocument, fits, object_name
from project_svc.delivery_documents.errors import EmptyDocument, UnknownDocument, UnsafeDocument
from project_svc.delivery_documents.models import DELIVERY_DOCUMENTS
from project_svc.delivery_documents.repository import OF_DELIVERY
from project_svc.delivery_documents.schemas import DeliveryDocumentRead

__all__ = [
    "DELIVERY_DOCUMENTS",
    "NOUN",
    "OF_DELIVERY",
    "DeliveryDocumentRead",
    "add",
    "answer",
    "begin",
    "evidence",
    "expect",
]

_UNREADABLE = "application/octet-stream"


async def add(
    unit: UnitOfWork, objects: Objects, about: DeliveryDocument, content: bytes, *, declared: str
) -> Rendered:
    """Keep a file of a delivery, which the caller has locked.

    Raises:
        EmptyDocument: It has no content.
        UnsafeDocument: It is not what is declared, or nothing that is handed out.
        Unavailable: The store of files does not answer.
    """
    if not content:
        raise EmptyDocument
    declared = declared.partition(";")[0].strip().lower()
    found = media_type_of(content)
    if found is None or not fits(declared, found):
        raise UnsafeDocument(declared=declared, found=found or _UNREADABLE, taken=", ".join(MEDIA_TYPES))
    tenant, name = unit.caller.tenant_id, object_name(about.id)
    stored = await objects.put(tenant, name, _pieces(content))
    document = about.with_(media_type=found, size=stored.size, sha256=stored.sha256)
    try:
        return await unit.insert(DELIVERY_DOCUMENTS, document, DeliveryDocumentAdded)
    except BaseException:
        await objects.delete(tenant, name)
        raise


def begin(
    *, owner_id: UUID | None, team_id: UUID | None, project_id: UUID, delivery_id: UUID, name: str
) -> DeliveryDocument:
    """A document of a delivery of which there is no content yet."""
    return DeliveryDocument(
        id=new_id(),
        owner_id=owner_id,
        team_id=team_id,
        project_id=project_id,
        delivery_id=delivery_id,
        name=name,
        media_type=_UNREADABLE,
        size=0,
        sha256="",
    )


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
    """A file by its id, whoever asks.

    Raises:
        NotFound: There is no such file.
    """
    found = await repository.find(connection, document_id)
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


async def _pieces(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content
