"""Audit entries about what is no change of a record, such as somebody being shown a secret."""

from uuid import UUID

from sqlalchemy import bindparam, insert

from crm_platform.audit.chain import CONTENT
from crm_platform.change import ORIGIN_MEMBER
from crm_platform.db import Query
from crm_platform.ids import new_id
from crm_platform.mechanism import AUDIT_ENTRIES
from crm_platform.uow import UnitOfWork

_NOTE = Query(
    insert(AUDIT_ENTRIES).values({name: bindparam(name, type_=AUDIT_ENTRIES.c[name].type) for name in CONTENT})
)


async def note(unit: UnitOfWork, about: str, id: UUID, action: str, *, reason: str | None = None) -> None:
    """Put on record that the caller did something that changes nothing.

    Args:
        unit: Commits the entry together with all else that it does.
        about: The type of what it was done to; no type of an aggregate, whose entries have versions.
        id: Of what it was done to.
        action: In past tense, such as ``subject_key.read``.
        reason: What for, where that was said.
    """
    entry = {
        "entry_id": new_id(),
        "aggregate_type": about,
        "aggregate_id": id,
        "version": 0,
        "action": action,
        "actor": unit.cause.actor,
        "at": unit.now,
        "before": None,
        "after": {ORIGIN_MEMBER: unit.cause.origin},
        "reason": reason,
        "correlation_id": unit.cause.correlation_id,
    }
    await unit.connection.execute(_NOTE.text, *_NOTE.args(**entry))
