"""What lets the monitors look."""

from datetime import timedelta

from crm_platform.operations.kinds import Done, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from customer_svc.quality_monitors import service


async def _watch(step: Step[NoInput]) -> Next:
    step.progress.count("turned", await service.watch(step.unit))
    return Done()


WATCH = Sweep(
    kind=OperationKind(
        name="quality.watch",
        title=Words("Monitors of data quality", "数据质量监控"),
        input=NoInput,
        step=_watch,
        unit="monitors",
        as_system=True,
    ),
    every=timedelta(minutes=5),
)
