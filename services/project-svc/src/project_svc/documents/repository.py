"""Queries of the documents beyond load, insert and update."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, select

from crm_contracts.delivery.v1 import Evidence, EvidenceKind
from crm_contracts.document.v1 import RecordKind
from crm_platform.db import Connection, Query
from project_svc.documents.domain import Document, object_name
from project_svc.documents.models import DOCUMENTS, documents

_TABLE = documents.c
OF_DELIVERY = _TABLE.delivery_id == bindparam("delivery_id", type_=Uuid)
"""Condition of a list: the files of one delivery."""
OF_KINDS = _TABLE.record_kind == bindparam("kinds", type_=ARRAY(Text)).any_()
"""Condition of a list: the files of records of some kinds."""

_IDS = _TABLE.id == bindparam("ids", type_=ARRAY(Uuid)).any_()
_EVIDENCE = select(_TABLE.id, _TABLE.name, _TABLE.media_type, _TABLE.size, _TABLE.sha256)
_OF_DELIVERY = Query(_EVIDENCE.where(OF_DELIVERY, _IDS))
_FIND = Query(select(*DOCUMENTS.loaded_columns()).where(_TABLE.id == bindparam("id", type_=Uuid)))
_BEFORE = Query(select(_TABLE.id).where(_TABLE.superseded_by == bindparam("id", type_=Uuid)))
_OF_RECORD = Query(
    select(*DOCUMENTS.loaded_columns())
    .where(_TABLE.record_id == bindparam("record_id", type_=Uuid))
    .order_by(_TABLE.id)
    .with_for_update(key_share=True)
)
_KNOWN = Query(select(_TABLE.id).where(_IDS))


async def evidence_of(connection: Connection, delivery_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Evidence]:
    """The files of a delivery as evidence, by id; those that there are not are absent."""
    rows = await connection.fetch(_OF_DELIVERY.text, *_OF_DELIVERY.args(delivery_id=delivery_id, ids=list(ids)))
    return {row["id"]: _evidence(row) for row in rows}


async def find(connection: Connection, id: UUID) -> Document | None:
    """A file, unlocked, whoever asks; None where there is none."""
    row = await connection.fetchrow(_FIND.text, *_FIND.args(id=id))
    return None if row is None else DOCUMENTS.spec.from_row(row)


async def find_evidence(connection: Connection, id: UUID) -> Evidence | None:
    """A file of a delivery as evidence; None where there is none."""
    row = await connection.fetchrow(_FIND.text, *_FIND.args(id=id))
    return None if row is None or row["record_kind"] != RecordKind.DELIVERY.value else _evidence(row)


async def of_record(connection: Connection, record_id: UUID) -> list[Document]:
    """The files of a record, locked, whoever asks."""
    rows = await connection.fetch(_OF_RECORD.text, *_OF_RECORD.args(record_id=record_id))
    return [DOCUMENTS.spec.from_row(row) for row in rows]


async def before(connection: Connection, id: UUID) -> UUID | None:
    """The version that a file has superseded; None where there is none."""
    found: UUID | None = await connection.fetchval(_BEFORE.text, *_BEFORE.args(id=id))
    return found


async def known(connection: Connection, files: Sequence[str]) -> set[str]:
    """Those of some kept files that are the content of a document."""
    ids = {UUID(file.rpartition("/")[2]) for file in files}
    return {object_name(row[0]) for row in await connection.fetch(_KNOWN.text, *_KNOWN.args(ids=sorted(ids)))}


def _evidence(row: Any) -> Evidence:
    return Evidence(
        kind=EvidenceKind.DOCUMENT,
        name=row["name"],
        document_id=row["id"],
        media_type=row["media_type"],
        size=row["size"],
        sha256=row["sha256"],
    )
