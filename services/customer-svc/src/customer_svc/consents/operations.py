"""What happens to consents by itself."""

from datetime import timedelta

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from customer_svc.consents import service


async def _expire(step: Step[NoInput]) -> Next:
    """End the next portion of consents whose time is over."""
    more, ended = await service.end_portion(step.unit)
    step.progress.count("expired", ended)
    return More(None) if more else Done()


EXPIRY = Sweep(
    kind=OperationKind(
        name="consents.expire",
        title=Words("End of consents whose time is over", "同意到期处理"),
        input=NoInput,
        step=_expire,
        unit="consents",
        as_system=True,
    ),
    every=timedelta(hours=1),
)
