"""Long work on scores: all customers for other rules, those whom time or others have changed, and trials of rules."""

from datetime import timedelta
from uuid import UUID

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from customer_svc.quality_scores import service
from customer_svc.quality_scores.schemas import Trial
from customer_svc.segments import service as segments

_FIRST = UUID(int=0)


async def _evaluate(step: Step[NoInput]) -> Next:
    if step.cursor is None:
        step.progress.total = await segments.count_customers(step.unit)
    last, looked_at = await service.evaluate_portion(step.unit, UUID(step.cursor) if step.cursor else _FIRST)
    step.progress.count("scored", looked_at)
    return Done() if last is None else More(str(last))


async def _look_again(step: Step[NoInput]) -> Next:
    more, looked_at = await service.look_again_portion(step.unit)
    step.progress.count("looked_at", looked_at)
    return More(None) if more else Done()


async def _try(step: Step[Trial]) -> Next:
    if step.cursor is None:
        step.progress.total = await segments.count_customers(step.unit)
    after, examples = step.cursor or (str(_FIRST), [])
    rule = step.input
    wanted = service.EXAMPLES - len(examples)
    last, counts, broken = await service.try_portion(
        step.unit, rule.expression, rule.applies_to, UUID(after), examples=wanted
    )
    for outcome, number in counts.items():
        step.progress.count(outcome, number)
    examples += [str(id) for id in broken]
    if last is not None:
        return More([str(last), examples])
    return Done({**step.progress.counters, "examples": examples})


EVALUATION = OperationKind(
    name="quality.evaluate",
    title=Words("Scoring of data quality", "数据质量评分计算"),
    input=NoInput,
    step=_evaluate,
    unit="customers",
    cancellable=False,
    as_system=True,
)

TRIAL = OperationKind(
    name="quality.try_rule",
    title=Words("Trial of a rule of data quality", "数据质量规则试算"),
    input=Trial,
    step=_try,
    unit="customers",
)

LOOK_AGAIN = Sweep(
    kind=OperationKind(
        name="quality.look_again",
        title=Words("Scores that change by time or by others", "随时间或其他客户变化的数据质量评分"),
        input=NoInput,
        step=_look_again,
        unit="customers",
        as_system=True,
    ),
    every=timedelta(minutes=1),
)
