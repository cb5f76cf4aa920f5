"""Routes of the portfolio."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import listed
from crm_platform.http.route import reads, service_router
from project_svc.portfolio import service
from project_svc.portfolio.models import PORTFOLIO
from project_svc.portfolio.schemas import Grouping, PortfolioItem, PortfolioTotals

router = service_router("Portfolio")


@router.get("/portfolio/projects", response_model=Page[PortfolioItem], **reads("projects:read", lists=PORTFOLIO))
async def list_portfolio(request: Request, reader: ReaderDep) -> Response:
    """List the projects as they stand: health, dates, money, risks, what is next and what is overdue.

    Figures are kept and follow the records of a project: they are brought up to date before a page is answered, as long
    as few projects have changed; what time alone changes is at most an hour old. `computed_at` says when that was.
    """
    return listed(await service.page(reader, page_params(request, PORTFOLIO)))


@router.get("/portfolio/totals", response_model=PortfolioTotals, **reads("projects:read"))
async def show_portfolio_totals(
    reader: ReaderDep,
    filter: Annotated[
        str | None, Query(description="CEL expression over the fields of `/portfolio/projects`.", max_length=8192)
    ] = None,
    group_by: Annotated[Grouping, Query(description="By what they are put together.")] = Grouping.ALL,
) -> PortfolioTotals:
    """Add up the projects that the caller may see, by group and currency; amounts of two currencies are never added."""
    return await service.totals(reader, filter, group_by)
