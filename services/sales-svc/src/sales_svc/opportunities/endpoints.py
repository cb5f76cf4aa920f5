"""Routes of opportunities."""

from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.batch import BatchRequest, BatchResponse, run_batch
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from sales_svc.opportunities import service
from sales_svc.opportunities.models import OPPORTUNITIES
from sales_svc.opportunities.schemas import (
    Engagement,
    Loss,
    OpportunityCreate,
    OpportunityItem,
    OpportunityRead,
    OpportunityUpdate,
    Win,
)

router = service_router("Opportunities")

_CHANGES = writes("opportunities:write", versioned=True)


@router.get(
    "/opportunities",
    response_model=Page[OpportunityRead],
    **reads("opportunities:read", lists=OPPORTUNITIES.resource),
)
async def list_opportunities(request: Request, reader: ReaderDep) -> Response:
    """List the opportunities that the caller may see."""
    return listed(await reader.page(OPPORTUNITIES.resource, page_params(request, OPPORTUNITIES.resource)))


@router.post("/opportunities", response_model=OpportunityRead, **writes("opportunities:write", creates=True))
async def create_opportunity(body: OpportunityCreate, unit: UnitOfWorkDep) -> Response:
    """Enter an opportunity; publishes `opportunity.created`."""
    return created(await service.create_opportunity(unit, body), "/v1/opportunities")


@router.post("/opportunities/batch", response_model=BatchResponse, **writes("opportunities:write"))
async def write_opportunities(body: BatchRequest[OpportunityItem], unit: UnitOfWorkDep) -> Response:
    """Take over up to 1,000 opportunities with their stages and dates, or with `upsert` bring known ones up to date.

    Publishes `opportunity.created` and whatever else happened to each, and `order.placed` for the won ones.
    """
    return await run_batch(unit, body.items, many=partial(service.write_opportunities, mode=body.mode))


@router.get("/opportunities/{opportunity_id}", response_model=OpportunityRead, **reads("opportunities:read"))
async def get_opportunity(opportunity_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one opportunity."""
    return shown(request, await reader.get(OPPORTUNITIES.resource, opportunity_id))


@router.patch("/opportunities/{opportunity_id}", response_model=OpportunityRead, **_CHANGES)
async def update_opportunity(
    opportunity_id: UUID, body: OpportunityUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change fields of an open opportunity (merge patch); publishes `opportunity.updated`."""
    return changed(await service.update_opportunity(unit, opportunity_id, body, if_match=if_match))


@router.post("/opportunities/{opportunity_id}/engage", response_model=OpportunityRead, **_CHANGES)
async def engage_opportunity(
    opportunity_id: UUID, body: Engagement, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Record that talks with the customer have begun; publishes `opportunity.engaged`."""
    return changed(await service.engage_opportunity(unit, opportunity_id, body, if_match=if_match))


@router.post("/opportunities/{opportunity_id}/win", response_model=OpportunityRead, **_CHANGES)
async def win_opportunity(opportunity_id: UUID, body: Win, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that the customer has bought; publishes `opportunity.won` and `order.placed`."""
    return changed(await service.win_opportunity(unit, opportunity_id, body, if_match=if_match))


@router.post("/opportunities/{opportunity_id}/lose", response_model=OpportunityRead, **_CHANGES)
async def lose_opportunity(opportunity_id: UUID, body: Loss, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that the customer will not buy; publishes `opportunity.lost`."""
    return changed(await service.lose_opportunity(unit, opportunity_id, body, if_match=if_match))
