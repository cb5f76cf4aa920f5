"""What lets the rules look at the projects."""

from datetime import timedelta
from uuid import UUID

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from project_svc.risk_rules import service

_FIRST = UUID(int=0)


async def _look(step: Step[NoInput]) -> Next:
    last, counts = await service.look_at_portion(step.unit, UUID(step.cursor) if step.cursor else _FIRST)
    step.progress.done += counts["looked_at"]
    for name, number in counts.items():
        step.progress.counters[name] = step.progress.counters.get(name, 0) + number
    return Done() if last is None else More(str(last))


LOOK = Sweep(
    kind=OperationKind(
        name="risks.look",
        title=Words("Rules that raise risks", "风险规则检查"),
        input=NoInput,
        step=_look,
        unit="projects",
        as_system=True,
    ),
    every=timedelta(minutes=5),
)
