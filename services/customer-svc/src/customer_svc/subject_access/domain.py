"""Rules of subject access: which services take part, when it is ready, and how long what was collected is kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from crm_contracts.privacy.v1 import SubjectKind
from crm_contracts.subject_access.v1 import AccessPart, AccessRequester, AccessStatus, ToldRecords
from crm_platform.aggregate import AggregateState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("request for access", "个人信息查阅请求")

LIFE_CYCLE: StateMachine[AccessStatus] = StateMachine(
    what=NOUN,
    initial=AccessStatus.RUNNING,
    transitions={
        (AccessStatus.RUNNING, "complete"): AccessStatus.READY,
        (AccessStatus.RUNNING, "expire"): AccessStatus.EXPIRED,
        (AccessStatus.READY, "expire"): AccessStatus.EXPIRED,
    },
)

ASKED_AGAIN_AFTER = timedelta(hours=6)
"""How long a service may take before it is asked again."""

COLLECTED_WITHIN = timedelta(days=30)
"""How long answers are waited for: the law gives 15 working days (PIPL) or a month (GDPR)."""

KEPT = timedelta(days=7)
"""How long a bundle can be downloaded."""


class SubjectAccess(AggregateState):
    """A request for all that is known of one person, over all services."""

    subject_kind: SubjectKind
    subject_id: UUID
    requester: AccessRequester
    reference: str | None = None
    status: AccessStatus = LIFE_CYCLE.initial
    parts: tuple[AccessPart, ...] = ()
    asked_at: datetime
    overdue: bool = False
    ready_at: datetime | None = None
    expires_at: datetime
    answer_key: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Services that have not answered."""
        return tuple(part.service for part in self.parts if part.done_at is None)

    def waits_for(self, service: str) -> bool:
        """Whether the part of ``service`` is missing, and still wanted."""
        return self.status is AccessStatus.RUNNING and service in self.missing

    def answered(self, service: str, records: Sequence[ToldRecords], at: datetime) -> "SubjectAccess":
        """With the part of one more service; ready with the last one."""
        done = AccessPart(service=service, done_at=at, records=tuple(records))
        after = self.with_(parts=tuple(done if part.service == service else part for part in self.parts))
        if after.missing:
            return after
        status = LIFE_CYCLE.after(self.status, "complete")
        return after.with_(status=status, ready_at=at, expires_at=at + KEPT, overdue=False)

    def asked_again(self, at: datetime) -> "SubjectAccess":
        """With those that have not answered asked again, if they have had their time."""
        is_late = self.status is AccessStatus.RUNNING and self.asked_at + ASKED_AGAIN_AFTER <= at
        return self.with_(asked_at=at, overdue=True) if is_late else self

    def expired(self) -> "SubjectAccess":
        """Without what was collected."""
        return self.with_(status=LIFE_CYCLE.after(self.status, "expire"))
