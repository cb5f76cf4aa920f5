"""What keeps the figures day by day."""

from datetime import timedelta

from crm_platform.operations.kinds import Done, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from customer_svc.quality_days import service


async def _write_down(step: Step[NoInput]) -> Next:
    step.progress.count("figures", await service.write_down(step.unit))
    return Done()


WRITE_DOWN = Sweep(
    kind=OperationKind(
        name="quality.write_down",
        title=Words("Daily figures of data quality", "数据质量日报"),
        input=NoInput,
        step=_write_down,
        unit="figures",
        as_system=True,
    ),
    every=timedelta(hours=1),
)
"""Every hour, so that a day has its figures whatever is down at midnight, and today's are there today."""
