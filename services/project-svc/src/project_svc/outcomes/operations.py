"""What tells that reviews of outcomes are due."""

from datetime import timedelta

from crm_platform.companies import today_of
from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from project_svc.outcomes import service

_AT_ONCE = 200


async def _tell(step: Step[NoInput]) -> Next:
    told = await service.tell_due(step.unit, today=await today_of(step.unit), limit=_AT_ONCE)
    step.progress.count("told", told)
    return More(told) if told == _AT_ONCE else Done()


REVIEWS_DUE = Sweep(
    kind=OperationKind(
        name="outcomes.reviews_due",
        title=Words("Reviews of outcomes that are due", "到期的成果复核"),
        input=NoInput,
        step=_tell,
        unit="outcomes",
        as_system=True,
    ),
    every=timedelta(hours=1),
)
"""Every hour, so that the day of a review begins with it, whatever was down at midnight."""
