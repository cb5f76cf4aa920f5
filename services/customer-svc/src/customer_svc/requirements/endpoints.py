"""Routes of requirements."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.saved_views.use import list_params
from customer_svc.requirements import service
from customer_svc.requirements.models import REQUIREMENTS
from customer_svc.requirements.schemas import (
    HandOver,
    Refusal,
    RequirementCreate,
    RequirementRead,
    RequirementUpdate,
)

router = service_router("Requirements")


@router.get(
    "/requirements",
    response_model=Page[RequirementRead],
    **reads("requirements:read", lists=REQUIREMENTS.resource, views=True),
)
async def list_requirements(request: Request, reader: ReaderDep) -> Response:
    """List the requirements that the caller may see; filter by `customer_id` for one customer's."""
    params = await list_params(request, reader, REQUIREMENTS.resource)
    return listed(await reader.page(REQUIREMENTS.resource, params))


@router.post("/requirements", response_model=RequirementRead, **writes("requirements:write", creates=True))
async def collect_requirement(body: RequirementCreate, unit: UnitOfWorkDep) -> Response:
    """Put a requirement on record; publishes `requirement.collected`."""
    return created(await service.collect_requirement(unit, body), "/v1/requirements")


@router.get("/requirements/{requirement_id}", response_model=RequirementRead, **reads("requirements:read"))
async def get_requirement(requirement_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one requirement."""
    return shown(request, await reader.get(REQUIREMENTS.resource, requirement_id))


@router.patch(
    "/requirements/{requirement_id}",
    response_model=RequirementRead,
    **writes("requirements:write", versioned=True),
)
async def update_requirement(
    requirement_id: UUID, body: RequirementUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change a requirement that is not agreed yet (merge patch); publishes `requirement.updated`."""
    return changed(await service.update_requirement(unit, requirement_id, body, if_match=if_match))


@router.post(
    "/requirements/{requirement_id}/analyse",
    response_model=RequirementRead,
    **writes("requirements:write", versioned=True),
)
async def analyse_requirement(requirement_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that it is understood what a requirement means; publishes `requirement.analysed`."""
    return changed(
        await service.move_requirement(unit, requirement_id, "analyse", if_match=if_match, reason=body.reason)
    )


@router.post(
    "/requirements/{requirement_id}/confirm",
    response_model=RequirementRead,
    **writes("requirements:write", versioned=True),
)
async def confirm_requirement(requirement_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record the agreement with the customer, after which the content is fixed; publishes `requirement.confirmed`."""
    return changed(
        await service.move_requirement(unit, requirement_id, "confirm", if_match=if_match, reason=body.reason)
    )


@router.post(
    "/requirements/{requirement_id}/reject",
    response_model=RequirementRead,
    **writes("requirements:write", versioned=True),
)
async def reject_requirement(requirement_id: UUID, body: Refusal, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Decide that a requirement will not be met; publishes `requirement.rejected`, by which its deliverable ends."""
    return changed(
        await service.move_requirement(unit, requirement_id, "reject", if_match=if_match, reason=body.reason)
    )


@router.post(
    "/requirements/{requirement_id}/reopen",
    response_model=RequirementRead,
    **writes("requirements:write", versioned=True),
)
async def reopen_requirement(requirement_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Look at a rejected requirement again, from the beginning; publishes `requirement.reopened`."""
    return changed(
        await service.move_requirement(unit, requirement_id, "reopen", if_match=if_match, reason=body.reason)
    )


@router.post(
    "/requirements/{requirement_id}/hand-over",
    response_model=RequirementRead,
    **writes("requirements:write", versioned=True),
)
async def hand_over_requirement(
    requirement_id: UUID, body: HandOver, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Ask project delivery to plan a confirmed requirement; publishes `requirement.handed_over`.

    The answer arrives by events within moments: the requirement is `planned`, with its project and deliverable, or
    `confirmed` still, with the reason and without `handed_over_at`.
    """
    return changed(await service.hand_over(unit, requirement_id, body.project_id, if_match=if_match))
