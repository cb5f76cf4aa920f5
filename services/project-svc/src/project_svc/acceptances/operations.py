"""What accepts deliveries about which nobody has decided."""

from datetime import timedelta
from uuid import UUID

from crm_platform.companies import today_of
from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from project_svc.acceptances import service

_AT_ONCE = 50


async def _accept(step: Step[NoInput]) -> Next:
    after = UUID(step.cursor) if step.cursor else UUID(int=0)
    accepted, last = await service.accept_undecided(
        step.unit, today=await today_of(step.unit), after=after, limit=_AT_ONCE
    )
    step.progress.count("accepted", accepted)
    return Done() if last is None else More(str(last))


ACCEPT_UNDECIDED = Sweep(
    kind=OperationKind(
        name="deliveries.accept_undecided",
        title=Words("Deemed acceptance of deliveries", "交付物视同验收"),
        input=NoInput,
        step=_accept,
        unit="deliveries",
        as_system=True,
    ),
    every=timedelta(minutes=15),
)
"""Four times an hour, so that the day after the last day to decide begins with it, whatever was down at midnight."""
