"""Queries of the files of deliveries."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select

from crm_contracts.delivery.v1 import Evidence, EvidenceKind
from crm_platform.db import Connection, Query
from project_svc.delivery_documents.models import delivery_documents

_TABLE = delivery_documents.c
OF_DELIVERY = _TABLE.delivery_id == bindparam("delivery_id", type_=Uuid)
"""Condition of a list: the files of one delivery."""

_EVIDENCE = select(_TABLE.id, _TABLE.name, _TABLE.media_type, _TABLE.size, _TABLE.sha256)
_OF_DELIVERY = Query(_EVIDENCE.where(OF_DELIVERY, _TABLE.id == bindparam("ids", type_=ARRAY(Uuid)).any_()))
_FIND = Query(_EVIDENCE.where(_TABLE.id == bindparam("id", type_=Uuid)))


async def evidence_of(connection: Connection, delivery_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Evidence]:
    """The files of a delivery as evidence, by id; those that there are not are absent."""
    rows = await connection.fetch(_OF_DELIVERY.text, *_OF_DELIVERY.args(delivery_id=delivery_id, ids=list(ids)))
    return {row["id"]: _evidence(row) for row in rows}


async def find(connection: Connection, id: UUID) -> Evidence | None:
    """A file as evidence; None where there is none."""
    row = await connection.fetchrow(_FIND.text, *_FIND.args(id=id))
    return None if row is None else _evidence(row)


def _evidence(row: Any) -> Evidence:
    return Evidence(
        kind=EvidenceKind.DOCUMENT,
        name=row["name"],
        document_id=row["id"],
        media_type=row["media_type"],
        size=row["size"],
        sha256=row["sha256"],
    )
