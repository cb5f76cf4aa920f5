"""Use case of the rates of deliveries."""

from datetime import date
from typing import Any
from uuid import UUID

from crm_platform.reads import Reader
from project_svc.delivery_rates import repository
from project_svc.delivery_rates.schemas import DeliveryRate, DeliveryRates, RateDimension


async def rates(
    reader: Reader,
    dimension: RateDimension,
    *,
    first: date | None,
    last: date | None,
    customer_id: UUID | None,
    project_id: UUID | None,
) -> DeliveryRates:
    """Rates of what was accepted on the days ``first`` to ``last``; None leaves that side open."""
    async with reader.open() as connection:
        rows = await repository.rates(
            connection,
            reader.caller,
            dimension.value,
            first=first,
            last=last,
            customer_id=customer_id,
            project_id=project_id,
        )
    return DeliveryRates(dimension=dimension, items=[_rate(row) for row in rows])


def _rate(row: Any) -> DeliveryRate:
    accepted, on_time, right = row["accepted"], row["on_time"], row["first_time_right"]
    return DeliveryRate(
        key=row["key"],
        accepted=accepted,
        on_time=on_time,
        first_time_right=right,
        on_time_rate=_share(on_time, accepted),
        first_time_right_rate=_share(right, accepted),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
