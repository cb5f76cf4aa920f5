"""Requests for erasure and for access, as services get them, for their tests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from crm_contracts.privacy.v1 import (
    ErasureBasis,
    ErasureRequested,
    ErasureRequester,
    ErasureSnapshot,
    ErasureStatus,
    Hold,
    SubjectKind,
)
from crm_contracts.subject_access.v1 import (
    AccessRequester,
    AccessStatus,
    SubjectAccessRequested,
    SubjectAccessSnapshot,
)
from crm_platform.clock import utc_now
from crm_platform.ids import new_id
from crm_platform.privacy.access import open_answer
from crm_platform.testing.plugin import RunningService


def erasure_of(
    subject_id: UUID, *, kind: SubjectKind = SubjectKind.CUSTOMER, holds: Sequence[Hold] = ()
) -> ErasureRequested:
    """The event by which a person is erased everywhere."""
    now = utc_now()
    state = ErasureSnapshot(
        id=new_id(),
        version=1,
        created_at=now,
        created_by="system:test",
        updated_at=now,
        updated_by="system:test",
        subject_kind=kind,
        subject_id=subject_id,
        basis=ErasureBasis.OBJECTION,
        requester=ErasureRequester.SUBJECT,
        reference=None,
        status=ErasureStatus.RUNNING,
        holds=tuple(holds),
        parts=(),
        deadline=now + timedelta(days=3),
        overdue=False,
        completed_at=None,
    )
    return ErasureRequested(state=state)


def access_of(subject_id: UUID, key: str, *, kind: SubjectKind = SubjectKind.CUSTOMER) -> SubjectAccessRequested:
    """The event by which a person asks everywhere what is known; answers are sealed to ``key``."""
    now = utc_now()
    state = SubjectAccessSnapshot(
        id=new_id(),
        version=1,
        created_at=now,
        created_by="user:test",
        updated_at=now,
        updated_by="user:test",
        subject_kind=kind,
        subject_id=subject_id,
        requester=AccessRequester.SUBJECT,
        reference=None,
        status=AccessStatus.RUNNING,
        parts=(),
        asked_at=now,
        overdue=False,
        ready_at=None,
        expires_at=now + timedelta(days=30),
        answer_key=key,
    )
    return SubjectAccessRequested(state=state)


async def told_by(running: RunningService, private: str) -> list[dict[str, Any]]:
    """What a service has answered so far, opened: its sections, in pieces."""
    rows = await running.sql("SELECT request_id, service, page, content FROM access_answers ORDER BY page")
    pages = [open_answer(private, row["content"], row["request_id"], row["service"], row["page"]) for row in rows]
    return [section for page in pages for section in orjson.loads(page)]
