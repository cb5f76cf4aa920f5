"""Routes of reports."""

from uuid import UUID

from starlette.responses import Response

from analytics_svc.reports import service
from analytics_svc.reports.schemas import CustomerReport, DeliveryReport, SalesReport, SatisfactionReport
from crm_platform.http.dependencies import ReaderDep
from crm_platform.http.responses import listed
from crm_platform.http.route import reads, service_router

router = service_router("Reports")


@router.get("/reports/sales", response_model=SalesReport, **reads("reports:read"))
async def report_sales(reader: ReaderDep) -> Response:
    """Revenue by stage and by agent, and the win rate, over the deals that the caller may see."""
    return listed(await service.sales(reader))


@router.get("/reports/deliveries", response_model=DeliveryReport, **reads("reports:read"))
async def report_deliveries(reader: ReaderDep) -> Response:
    """On-time and first-time-right rates of deliverables, and risks over their threshold."""
    return listed(await service.deliveries(reader))


@router.get("/reports/satisfaction", response_model=SatisfactionReport, **reads("reports:read"))
async def report_satisfaction(reader: ReaderDep) -> Response:
    """Customer satisfaction (CSAT) and tickets."""
    return listed(await service.satisfaction(reader))


@router.get("/reports/customers/{customer_id}", response_model=CustomerReport, **reads("reports:read"))
async def report_customer(customer_id: UUID, reader: ReaderDep) -> Response:
    """What the figures say about one customer."""
    return listed(await service.customer(reader, customer_id))
