"""Route of the rates of deliveries."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from crm_platform.http.dependencies import ReaderDep
from crm_platform.http.fields import Day
from crm_platform.http.route import reads, service_router
from project_svc.delivery_rates import service
from project_svc.delivery_rates.schemas import DeliveryRates, RateDimension

router = service_router("Deliveries")


@router.get("/delivery-rates", response_model=DeliveryRates, **reads("deliveries:read"))
async def show_delivery_rates(
    reader: ReaderDep,
    *,
    dimension: RateDimension = RateDimension.ALL,
    accepted_from: Annotated[Day | None, Query(description="Day in the company's time zone.")] = None,
    accepted_until: Annotated[Day | None, Query(description="Day in the company's time zone, included.")] = None,
    customer_id: UUID | None = None,
    project_id: UUID | None = None,
) -> DeliveryRates:
    """Show the on-time and first-time-right rates of the accepted deliveries that the caller may see."""
    return await service.rates(
        reader,
        dimension,
        first=accepted_from,
        last=accepted_until,
        customer_id=customer_id,
        project_id=project_id,
    )
