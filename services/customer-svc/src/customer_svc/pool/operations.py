"""What the pool does by itself."""

from datetime import timedelta
from uuid import UUID

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.words import Words
from customer_svc.pool import service


async def _return_customers(step: Step[NoInput]) -> Next:
    """Look at the next portion of owned customers."""
    following, returned = await service.return_portion(step.unit, UUID(step.cursor) if step.cursor else UUID(int=0))
    step.progress.count("returned", returned)
    if following is not None:
        return More(str(following))
    await service.forget_claims(step.unit)
    return Done()


RETURNS = Sweep(
    kind=OperationKind(
        name="pool.returns",
        title=Words("Return of customers to the public pool", "客户自动回收至公海"),
        input=NoInput,
        step=_return_customers,
        unit="customers",
        as_system=True,
    ),
    every=timedelta(hours=6),
)
