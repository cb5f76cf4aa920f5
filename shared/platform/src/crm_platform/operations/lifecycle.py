"""The life of an operation, and what a request to pause, resume or cancel it comes to."""

from dataclasses import dataclass
from enum import StrEnum

from crm_platform.errors import Conflict
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

OPERATION = Words("operation", "操作")


class OperationStatus(StrEnum):
    """How far an operation is."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self in {OperationStatus.SUCCEEDED, OperationStatus.FAILED, OperationStatus.CANCELLED}


class Wish(StrEnum):
    """What somebody has asked for, and a worker has not heeded yet."""

    PAUSE = "pause"
    CANCEL = "cancel"


LIFE_CYCLE = StateMachine(
    what=OPERATION,
    initial=OperationStatus.QUEUED,
    transitions={
        (OperationStatus.QUEUED, "start"): OperationStatus.RUNNING,
        (OperationStatus.QUEUED, "pause"): OperationStatus.PAUSED,
        (OperationStatus.QUEUED, "cancel"): OperationStatus.CANCELLED,
        (OperationStatus.RUNNING, "wait"): OperationStatus.QUEUED,
        (OperationStatus.RUNNING, "pause"): OperationStatus.PAUSED,
        (OperationStatus.RUNNING, "cancel"): OperationStatus.CANCELLED,
        (OperationStatus.RUNNING, "succeed"): OperationStatus.SUCCEEDED,
        (OperationStatus.RUNNING, "fail"): OperationStatus.FAILED,
        (OperationStatus.PAUSED, "resume"): OperationStatus.QUEUED,
        (OperationStatus.PAUSED, "cancel"): OperationStatus.CANCELLED,
    },
)


class NotCancellable(Conflict):
    """Once begun, operations of this kind go through: to stop half-way would be worse."""

    code = "operation_not_cancellable"
    title, title_zh = "Cannot be stopped", "不可中止"
    en = "An operation of the kind `{kind}` cannot be paused or cancelled."
    zh = "“{kind}”类操作不能暂停或取消。"


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides about a request to control an operation."""

    kind: str
    status: OperationStatus
    wish: Wish | None
    claimed: bool
    """A worker is at it; its claim has not run out."""
    cancellable: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What a request to control an operation changes."""

    status: OperationStatus
    wish: Wish | None
    due: bool | None
    """True: a worker shall look at it now; False: none shall; None: as it is."""


def asked(action: str, now: Standing) -> Change | None:
    """What ``pause``, ``resume`` or ``cancel`` comes to; None where that has been asked for already.

    A worker that is at the operation heeds a wish between two steps. Cancelling is always a worker's, which lets the
    kind clean up behind it.

    Raises:
        InvalidTransition: That is not possible in this state; a wish to cancel is not taken back.
        NotCancellable: Operations of this kind are not stopped.
    """
    if not now.cancellable and action in {"pause", "cancel"} and not now.status.final:
        raise NotCancellable(kind=now.kind)
    if now.wish is Wish.CANCEL:
        if action != "cancel":
            LIFE_CYCLE.after(OperationStatus.CANCELLED, action)
        return None
    if action == "resume" and now.wish is Wish.PAUSE:
        return Change(now.status, None, None)
    following = LIFE_CYCLE.after(now.status, action)
    if action == "cancel":
        return Change(now.status, Wish.CANCEL, None if now.claimed else True)
    if action == "resume":
        return Change(following, None, due=True)
    if now.claimed:
        return None if now.wish is Wish.PAUSE else Change(now.status, Wish.PAUSE, None)
    return Change(following, None, due=False)
