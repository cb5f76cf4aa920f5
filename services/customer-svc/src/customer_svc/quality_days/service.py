"""Use cases of the figures of data quality."""

from crm_contracts.quality.v1 import QualityDimension
from crm_platform.companies import today_of
from crm_platform.reads import Reader
from crm_platform.uow import UnitOfWork
from customer_svc.quality_days import repository
from customer_svc.quality_days.domain import KEPT, Figures
from customer_svc.quality_days.schemas import FiguresRead, SummaryRead

__all__ = ["Figures", "figures", "summary", "write_down"]


async def figures(unit: UnitOfWork) -> list[Figures]:
    """The figures of this moment, in every dimension."""
    return await repository.figures(unit.connection, unit.caller)


async def summary(reader: Reader, dimension: QualityDimension) -> SummaryRead:
    """The figures of this moment in one dimension, of the customers that the caller may see; the worst first."""
    async with reader.open() as connection:
        found = await repository.figures(connection, reader.caller)
    wanted = [one for one in found if one.dimension is dimension]
    wanted.sort(key=lambda one: (one.average is not None and one.average, -one.failing, one.key))
    return SummaryRead(
        items=[
            FiguresRead(
                dimension=one.dimension,
                key=one.key,
                records=one.records,
                failing=one.failing,
                average=None if one.average is None else float(one.average),
            )
            for one in wanted
        ]
    )


async def write_down(unit: UnitOfWork) -> int:
    """Keep the figures of this moment as those of the company's day, whose last ones count.

    Returns how many they are.
    """
    found = await figures(unit)
    today = await today_of(unit)
    await repository.keep(unit.connection, today, found)
    await repository.forget(unit.connection, today - KEPT)
    return len(found)
