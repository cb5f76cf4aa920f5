"""Long work on memberships: all customers for one segment, and those whom time has changed."""

from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from customer_svc.segment_members import service
from customer_svc.segments import service as segments

_FIRST = UUID(int=0)


class Evaluation(BaseModel):
    """Which expression of which segment all customers are looked at for."""

    segment_id: UUID
    definition: int


async def _evaluate(step: Step[Evaluation]) -> Next:
    if step.cursor is None:
        step.progress.total = await segments.count_customers(step.unit)
    after = _FIRST if step.cursor is None else UUID(step.cursor)
    order = step.input
    last, looked_at, changed = await service.evaluate_portion(step.unit, order.segment_id, order.definition, after)
    step.progress.count("changed", changed)
    step.progress.count("unchanged", looked_at - changed)
    return Done() if last is None else More(str(last))


async def _look_again(step: Step[NoInput]) -> Next:
    more, looked_at, changed = await service.look_again_portion(step.unit)
    step.progress.count("looked_at", looked_at)
    step.progress.counters["changed"] = step.progress.counters.get("changed", 0) + changed
    return More(None) if more else Done()


EVALUATION = OperationKind(
    name="segments.evaluate",
    title=Words("Evaluation of a segment", "客户分群计算"),
    input=Evaluation,
    step=_evaluate,
    unit="customers",
    cancellable=False,
    as_system=True,
)

LOOK_AGAIN = Sweep(
    kind=OperationKind(
        name="segments.look_again",
        title=Words("Segments that change by time alone", "随时间变化的客户分群"),
        input=NoInput,
        step=_look_again,
        unit="customers",
        as_system=True,
    ),
    every=timedelta(minutes=1),
)
