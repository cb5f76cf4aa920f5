"""Long work on risks: judging all of them by another scale."""

from uuid import UUID

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step
from crm_platform.words import Words
from project_svc.risks import service

_FIRST = UUID(int=0)


async def _grade(step: Step[NoInput]) -> Next:
    last, looked_at, changed = await service.grade_portion(step.unit, UUID(step.cursor) if step.cursor else _FIRST)
    step.progress.count("graded", changed)
    step.progress.count("unchanged", looked_at - changed)
    return Done() if last is None else More(str(last))


GRADING = OperationKind(
    name="risks.grade",
    title=Words("Levels of risks by another scale", "按新分级重新评定风险等级"),
    input=NoInput,
    step=_grade,
    unit="risks",
    cancellable=False,
    as_system=True,
)
