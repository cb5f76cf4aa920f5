"""What happens to requests for access by itself."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from customer_svc.subject_access import service


def _sweep(name: str, title: Words, outcome: str, work: Callable[[UnitOfWork], Awaitable[tuple[bool, int]]]) -> Sweep:
    async def step(step: Step[NoInput]) -> Next:
        more, number = await work(step.unit)
        step.progress.count(outcome, number)
        return More(None) if more else Done()

    kind = OperationKind(name=name, title=title, input=NoInput, step=step, unit="requests", as_system=True)
    return Sweep(kind=kind, every=timedelta(hours=1))


ASK_AGAIN = _sweep(
    "subject_access.ask_again",
    Words("Asking again services that have not told what they know of a person", "催促未答复的个人信息查阅"),
    "overdue",
    service.ask_again,
)

EXPIRY = _sweep(
    "subject_access.expire",
    Words("Destruction of what was collected of people", "销毁过期的个人信息包"),
    "expired",
    service.destroy_expired,
)
