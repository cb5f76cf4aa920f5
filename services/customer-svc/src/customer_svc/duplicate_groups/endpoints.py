"""Routes of groups of duplicates."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.operations.begin import begin
from crm_platform.operations.endpoints import accepted, begins, may_begin
from crm_platform.operations.kinds import NoInput
from customer_svc.customer_merges.service import MergeOutcome, Merging, told_to
from customer_svc.duplicate_groups import service
from customer_svc.duplicate_groups.models import DUPLICATE_GROUPS
from customer_svc.duplicate_groups.operations import MERGE, SCAN
from customer_svc.duplicate_groups.schemas import DuplicateGroupRead, GroupMerge, GroupMerging

router = service_router("Duplicates")
_READ, _WRITE = "duplicates:read", "duplicates:write"


@router.post("/duplicate-groups/scan", **begins(_WRITE))
async def find_duplicate_groups(unit: UnitOfWorkDep) -> Response:
    """Look for duplicates among all customers that the caller may see; each group publishes `duplicate_group.found`."""
    return accepted(await begin(unit, SCAN, NoInput()))


@router.get(
    "/duplicate-groups", response_model=Page[DuplicateGroupRead], **reads(_READ, lists=DUPLICATE_GROUPS.resource)
)
async def list_duplicate_groups(request: Request, reader: ReaderDep) -> Response:
    """List groups of customers that may be the same; `filter=status == 'open'` for those that wait to be judged."""
    return listed(await reader.page(DUPLICATE_GROUPS.resource, page_params(request, DUPLICATE_GROUPS.resource)))


@router.get("/duplicate-groups/{group_id}", response_model=DuplicateGroupRead, **reads(_READ))
async def get_duplicate_group(group_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one group."""
    return shown(request, await reader.get(DUPLICATE_GROUPS.resource, group_id))


@router.post(
    "/duplicate-groups/{group_id}/confirm", response_model=DuplicateGroupRead, **writes(_WRITE, versioned=True)
)
async def confirm_duplicate_group(group_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Say that they are the same; publishes `duplicate_group.confirmed`."""
    return changed(await service.confirm_group(unit, group_id, if_match=if_match, reason=body.reason))


@router.post(
    "/duplicate-groups/{group_id}/dismiss", response_model=DuplicateGroupRead, **writes(_WRITE, versioned=True)
)
async def dismiss_duplicate_group(group_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Say that they are different, for good; publishes `duplicate_group.dismissed`."""
    return changed(await service.dismiss_group(unit, group_id, if_match=if_match, reason=body.reason))


@router.post(
    "/duplicate-groups/{group_id}/merge",
    response_model=MergeOutcome,
    **may_begin(writes("customers:write", versioned=True)),
)
async def merge_duplicate_group(group_id: UUID, body: GroupMerge, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Merge customers of a group into one of them; publishes `customer.merged` and `duplicate_group.merged`.

    Where more than 10,000 records go over, an operation (202) does so, as of `POST /v1/customers/{id}/merge`.
    """
    outcome = await service.merge_group(unit, group_id, body, if_match=if_match)
    if isinstance(outcome, Merging):
        return accepted(await begin(unit, MERGE, GroupMerging(group_id=group_id, merging=outcome)))
    return listed(told_to(unit.caller, outcome))
