"""The sweep that seals what an older version of a service wrote in the clear."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words

Portion = Callable[[UnitOfWork, UUID], Awaitable[tuple[UUID | None, int]]]
"""Seals the next records behind an id; returns from where to go on (None at the end), and how many were sealed."""


def sealing_sweep(name: str, *, title: Words, unit: str, portion: Portion) -> Sweep:
    """Once a day, all records that are still in the clear, a portion at a time, for the service's list."""

    async def seal(step: Step[NoInput]) -> Next:
        following, sealed = await portion(step.unit, UUID(step.cursor) if step.cursor else UUID(int=0))
        step.progress.count("sealed", sealed)
        return Done() if following is None else More(str(following))

    kind = OperationKind(name=name, title=title, input=NoInput, step=seal, unit=unit, as_system=True)
    return Sweep(kind=kind, every=timedelta(days=1))
