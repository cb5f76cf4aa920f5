"""What plans the deliveries of schedules ahead."""

from datetime import timedelta
from uuid import UUID

from crm_platform.companies import today_of
from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from project_svc.delivery_schedules import service


async def _plan(step: Step[NoInput]) -> Next:
    after = UUID(step.cursor) if step.cursor else UUID(int=0)
    planned, last = await service.plan_due(step.unit, today=await today_of(step.unit), after=after)
    step.progress.count("planned", planned)
    return Done() if last is None else More(str(last))


PLAN_RECURRING = Sweep(
    kind=OperationKind(
        name="deliveries.plan_recurring",
        title=Words("Planning of recurring deliveries", "周期性交付物计划"),
        input=NoInput,
        step=_plan,
        unit="deliveries",
        as_system=True,
    ),
    every=timedelta(minutes=15),
)
"""Four times an hour, so that a new schedule soon has its first deliveries."""
