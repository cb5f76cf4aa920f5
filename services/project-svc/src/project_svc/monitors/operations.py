"""What lets the monitors of derived metrics measure."""

from datetime import timedelta

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from project_svc.monitors import service


async def _watch(step: Step[NoInput]) -> Next:
    done = step.cursor or 0
    measured, turned, more = await service.watch(step.unit, done)
    step.progress.count("turned", turned)
    return More(done + measured) if more else Done()


WATCH = Sweep(
    kind=OperationKind(
        name="projects.watch",
        title=Words("Monitors of projects", "项目监控"),
        input=NoInput,
        step=_watch,
        unit="monitors",
        as_system=True,
    ),
    every=timedelta(minutes=5),
)
