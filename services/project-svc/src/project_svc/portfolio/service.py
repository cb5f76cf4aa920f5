"""Use cases of the portfolio."""

from crm_platform.cel import CelError, check, compile_filter
from crm_platform.context import Caller
from crm_platform.errors import InvalidParameter
from crm_platform.reads import Reader, Resource
from crm_platform.reads.field_access import levels_of, refuse_asking, unseen_members
from crm_platform.reads.page import PageParams
from project_svc.deliveries import service as deliveries
from project_svc.portfolio import repository
from project_svc.portfolio.models import PORTFOLIO, VIEWS
from project_svc.portfolio.schemas import Grouping, PortfolioTotals, total_of
from project_svc.standings import service as standings


async def page(reader: Reader, params: PageParams) -> bytes:
    """A page of the projects that the caller may see, as they stand."""
    await standings.follow_up(reader)
    return await reader.page(_view(reader.caller), params)


async def totals(reader: Reader, filter: str | None, by: Grouping) -> PortfolioTotals:
    """The projects that the caller may see and of which ``filter`` is true, added up.

    Raises:
        InvalidParameter: The filter is none.
        MemberNotSeen: It reads what is hidden from the caller.
    """
    try:
        narrow = None if filter is None else compile_filter(filter, PORTFOLIO.filters)
        asked = frozenset() if filter is None else check(filter, PORTFOLIO.filters)
    except CelError as error:
        raise InvalidParameter(parameter="filter", message=error.words()) from error
    refuse_asking(PORTFOLIO, reader.caller, asked)
    left = await standings.follow_up(reader)
    async with reader.open() as connection:
        rows = await repository.totals(connection, reader.caller, by.value, narrow)
    budgets = _sees_budgets(reader.caller)
    return PortfolioTotals(group_by=by, groups=[total_of(row, budgets=budgets) for row in rows], is_current=not left)


def _view(caller: Caller) -> Resource:
    """The portfolio as the caller may see it: a margin tells of the budget."""
    return VIEWS[_sees_budgets(caller), deliveries.sees_names(caller)]


def _sees_budgets(caller: Caller) -> bool:
    return not levels_of("budget", unseen_members(caller, PORTFOLIO))
