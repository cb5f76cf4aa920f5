"""Routes of merges."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.operations.begin import begin
from crm_platform.operations.endpoints import accepted, may_begin
from customer_svc.customer_merges import service
from customer_svc.customer_merges.models import CUSTOMER_MERGES
from customer_svc.customer_merges.operations import MERGE, UNMERGE
from customer_svc.customer_merges.schemas import CustomerMergeRead, MergeOutcome, MergeRequest, Merging, Unmerging
from customer_svc.customer_merges.showing.outcomes import told_to

router = service_router("Duplicates")


@router.post(
    "/customers/{customer_id}/merge",
    response_model=MergeOutcome,
    **may_begin(writes("customers:write", versioned=True)),
)
async def merge_customers(customer_id: UUID, body: MergeRequest, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Merge other customers into this one; publishes `customer.merged`. Their ids lead to this one from then on.

    Where more than 10,000 records go over, an operation (202) lets them go over first, in portions, and merges at its
    end; if it is cancelled, or one of the customers is changed meanwhile, they go back.
    """
    outcome = await service.merge_customers(unit, customer_id, body, if_match=if_match)
    if isinstance(outcome, Merging):
        return accepted(await begin(unit, MERGE, outcome))
    return listed(told_to(unit.caller, outcome))


@router.get(
    "/customer-merges",
    response_model=Page[CustomerMergeRead],
    **reads("customers:read", lists=CUSTOMER_MERGES.resource),
)
async def list_customer_merges(request: Request, reader: ReaderDep) -> Response:
    """List the merges of customers."""
    return listed(await reader.page(CUSTOMER_MERGES.resource, page_params(request, CUSTOMER_MERGES.resource)))


@router.get("/customer-merges/{merge_id}", response_model=CustomerMergeRead, **reads("customers:read"))
async def get_customer_merge(merge_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one merge."""
    return shown(request, await reader.get(CUSTOMER_MERGES.resource, merge_id))


@router.post(
    "/customer-merges/{merge_id}/unmerge",
    response_model=CustomerMergeRead,
    **may_begin(writes("customers:write", versioned=True)),
)
async def unmerge_customers(merge_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Take a merge back; publishes `customer.unmerged`. What cannot go back is listed under `conflicts`.

    Where more than 10,000 records went over, an operation (202) brings the customers back, and then the records.
    """
    undone = await service.unmerge_customers(unit, merge_id, if_match=if_match, reason=body.reason)
    if isinstance(undone, Unmerging):
        return accepted(await begin(unit, UNMERGE, undone))
    return changed(undone)
