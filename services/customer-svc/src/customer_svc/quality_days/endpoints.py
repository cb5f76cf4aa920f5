"""Routes of the figures of data quality."""

from starlette.requests import Request
from starlette.responses import Response

from crm_contracts.quality.v1 import QualityDimension
from crm_platform.http.dependencies import ReaderDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import listed
from crm_platform.http.route import reads, service_router
from customer_svc.quality_days import service
from customer_svc.quality_days.models import QUALITY_DAYS
from customer_svc.quality_days.schemas import QualityDayRead, SummaryRead

router = service_router("Data quality")


@router.get("/quality-summary", response_model=SummaryRead, **reads("data_quality:read"))
async def show_quality_summary(reader: ReaderDep, dimension: QualityDimension = QualityDimension.ALL) -> SummaryRead:
    """Show how good the data is at this moment: by source, owner, team, rule or member, the worst first.

    Only customers that the caller may see count.
    """
    return await service.summary(reader, dimension)


@router.get("/quality-days", response_model=Page[QualityDayRead], **reads("data_quality:read", lists=QUALITY_DAYS))
async def list_quality_days(request: Request, reader: ReaderDep) -> Response:
    """List the same figures day by day, of all customers of the company; those of today are an hour old at most."""
    return listed(await reader.page(QUALITY_DAYS, page_params(request, QUALITY_DAYS)))
