"""Rules of an erasure: which services take part, and when it is complete."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from crm_contracts.privacy.v1 import (
    ErasedRecords,
    ErasureBasis,
    ErasurePart,
    ErasureRequester,
    ErasureStatus,
    Hold,
    SubjectKind,
)
from crm_platform.aggregate import AggregateState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("erasure", "个人数据删除")

LIFE_CYCLE: StateMachine[ErasureStatus] = StateMachine(
    what=NOUN,
    initial=ErasureStatus.RUNNING,
    transitions={(ErasureStatus.RUNNING, "complete"): ErasureStatus.COMPLETED},
)

DEADLINE = timedelta(days=3)
"""Within which all services have to answer; the law gives 15 working days (PIPL) or a month (GDPR)."""

HERE = "customer-svc"


class Erasure(AggregateState):
    """The erasure of one person over all services."""

    subject_kind: SubjectKind
    subject_id: UUID
    basis: ErasureBasis
    requester: ErasureRequester
    reference: str | None = None
    status: ErasureStatus = LIFE_CYCLE.initial
    holds: tuple[Hold, ...] = ()
    parts: tuple[ErasurePart, ...] = ()
    deadline: datetime
    overdue: bool = False
    completed_at: datetime | None = None

    def waits_for(self, service: str) -> bool:
        """Whether the part of ``service`` is missing."""
        return any(part.service == service and part.done_at is None for part in self.parts)

    def answered(self, service: str, records: Sequence[ErasedRecords], at: datetime) -> "Erasure":
        """With the part of one more service; complete with the last one."""
        done = ErasurePart(service=service, done_at=at, records=tuple(records))
        after = self.with_(parts=tuple(done if part.service == service else part for part in self.parts))
        if any(part.done_at is None for part in after.parts):
            return after
        return after.with_(status=LIFE_CYCLE.after(self.status, "complete"), completed_at=at, overdue=False)

    def late(self, now: datetime) -> "Erasure":
        """The erasure, overdue if its deadline is over and services have not answered."""
        is_late = self.status is ErasureStatus.RUNNING and self.deadline <= now
        return self.with_(overdue=True) if is_late else self


def certificate_of(erasure: Erasure, tenant_id: UUID) -> dict[str, object]:
    """What is certified of a complete erasure: who did what, nothing about who the person was."""
    told = erasure.model_dump(
        mode="json",
        include={"id", "subject_kind", "subject_id", "basis", "requester", "reference", "created_at", "completed_at"},
    )
    parts = [part.model_dump(mode="json") for part in erasure.parts]
    holds = [hold.model_dump(mode="json") for hold in erasure.holds]
    return {"kind": "certificate of erasure", "format": 1, "tenant_id": str(tenant_id), **told} | {
        "holds": holds,
        "services": parts,
    }
