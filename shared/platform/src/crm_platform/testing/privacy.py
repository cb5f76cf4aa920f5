"""Requests for erasure, as services get them, for their tests."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from crm_contracts.privacy.v1 import (
    ErasureBasis,
    ErasureRequested,
    ErasureRequester,
    ErasureSnapshot,
    ErasureStatus,
    Hold,
    SubjectKind,
)
from crm_platform.clock import utc_now
from crm_platform.ids import new_id


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
