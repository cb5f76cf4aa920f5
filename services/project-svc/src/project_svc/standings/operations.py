"""What keeps the standings of projects up to date where nobody asks for them."""

from datetime import timedelta
from uuid import UUID

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from project_svc.standings import service

_FIRST = UUID(int=0)
_PORTION = 25


async def _keep(step: Step[NoInput]) -> Next:
    after = UUID(step.cursor) if step.cursor else _FIRST
    found = await service.stale_after(step.unit.connection, after, _PORTION)
    if found:
        await service.look_at(step.unit.connection, found)
    step.progress.count("looked_at", len(found))
    return More(str(found[-1])) if len(found) == _PORTION else Done()


KEEP = Sweep(
    kind=OperationKind(
        name="projects.stand",
        title=Words("Standings of projects", "项目状态汇总"),
        input=NoInput,
        step=_keep,
        unit="projects",
        as_system=True,
    ),
    every=timedelta(minutes=5),
)
