"""What happens to erasures by itself."""

from datetime import timedelta

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from customer_svc.erasures import service


async def _tell(step: Step[NoInput]) -> Next:
    """Tell of the next portion of erasures whose deadline is over."""
    more, late = await service.tell_late(step.unit)
    step.progress.count("overdue", late)
    return More(None) if more else Done()


ALARM = Sweep(
    kind=OperationKind(
        name="erasures.alarm",
        title=Words("Alarm about erasures that services have not answered", "个人数据删除超时告警"),
        input=NoInput,
        step=_tell,
        unit="erasures",
        as_system=True,
    ),
    every=timedelta(hours=1),
)
