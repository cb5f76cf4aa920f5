"""What happens to sync conflicts by itself."""

from datetime import timedelta
from uuid import UUID

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from customer_svc.sync import service


async def _seal(step: Step[NoInput]) -> Next:
    """Seal the next portion of what the version before has written in the clear."""
    following, sealed = await service.seal_portion(step.unit, UUID(step.cursor) if step.cursor else UUID(int=0))
    step.progress.count("sealed", sealed)
    return Done() if following is None else More(str(following))


SEALING = Sweep(
    kind=OperationKind(
        name="sync_conflicts.seal",
        title=Words("Sealing of disputed values that an older version wrote", "封存旧版本写入的冲突数据"),
        input=NoInput,
        step=_seal,
        unit="sync conflicts",
        as_system=True,
    ),
    every=timedelta(days=1),
)
