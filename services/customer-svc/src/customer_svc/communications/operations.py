"""What happens to communications by itself: their contents are sealed, or opened, as the rules say."""

from datetime import timedelta
from uuid import UUID

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from customer_svc.communication_rules import service as communication_rules
from customer_svc.communications import service


async def _settle(step: Step[NoInput]) -> Next:
    if step.cursor is None and not await communication_rules.has_rules(step.unit.connection):
        return Done()
    following, changed = await service.settle_portion(step.unit, UUID(step.cursor) if step.cursor else UUID(int=0))
    step.progress.count("changed", changed)
    return Done() if following is None else More(str(following))


SETTLING = OperationKind(
    name="communications.settle",
    title=Words("Sealing of communications as the rules say", "按规则封存沟通记录内容"),
    input=NoInput,
    step=_settle,
    unit="communications",
    cancellable=False,
    as_system=True,
)
"""Begins when a rule changes, and goes by the rules as they are at each step: those of several changes may overlap."""

SETTLE_AGAIN = Sweep(
    kind=OperationKind(
        name="communications.settle_again",
        title=Words("Communications that an older version wrote in the clear", "封存旧版本写入的沟通记录内容"),
        input=NoInput,
        step=_settle,
        unit="communications",
        as_system=True,
    ),
    every=timedelta(days=1),
)
