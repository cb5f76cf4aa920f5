"""Routes of what holds for a whole company."""

from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep
from crm_platform.http.responses import listed
from crm_platform.http.route import SIGNED_IN, reads, service_router, writes
from gateway.companies import service
from gateway.companies.schemas import CompanyDefinition, CompanyRead
from gateway.runtime import StandingUnitDep

router = service_router("Company", prefix="/api/v1")


@router.get("/company", response_model=CompanyRead, **reads(SIGNED_IN))
async def get_company(reader: ReaderDep) -> Response:
    """Show what holds for the whole company: where its days begin and end."""
    return listed(await service.shown(reader))


@router.put("/company", response_model=CompanyRead, **writes("company:write"))
async def define_company(body: CompanyDefinition, unit: StandingUnitDep) -> Response:
    """Say where the company's days begin and end; publishes `company.defined` or `company.updated`."""
    return listed(await service.define(unit, body))
