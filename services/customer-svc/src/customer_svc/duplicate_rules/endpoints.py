"""Routes of the rules about duplicates."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.duplicate_rules import service
from customer_svc.duplicate_rules.models import DUPLICATE_RULES
from customer_svc.duplicate_rules.schemas import DuplicateRuleCreate, DuplicateRuleRead, DuplicateRuleUpdate

router = service_router("Duplicates")
_READ, _WRITE = "duplicates:read", "duplicates:write"


@router.get("/duplicate-rules", response_model=Page[DuplicateRuleRead], **reads(_READ, lists=DUPLICATE_RULES.resource))
async def list_duplicate_rules(request: Request, reader: ReaderDep) -> Response:
    """List the rules about duplicates."""
    return listed(await reader.page(DUPLICATE_RULES.resource, page_params(request, DUPLICATE_RULES.resource)))


@router.post("/duplicate-rules", response_model=DuplicateRuleRead, **writes(_WRITE, creates=True))
async def create_duplicate_rule(body: DuplicateRuleCreate, unit: UnitOfWorkDep) -> Response:
    """Make a rule for companies, for people, or for all; publishes `duplicate_rule.created`."""
    return created(await service.create_duplicate_rule(unit, body), "/v1/duplicate-rules")


@router.get("/duplicate-rules/{rule_id}", response_model=DuplicateRuleRead, **reads(_READ))
async def get_duplicate_rule(rule_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one rule."""
    return shown(request, await reader.get(DUPLICATE_RULES.resource, rule_id))


@router.patch("/duplicate-rules/{rule_id}", response_model=DuplicateRuleRead, **writes(_WRITE, versioned=True))
async def update_duplicate_rule(
    rule_id: UUID, body: DuplicateRuleUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change a rule (merge patch); publishes `duplicate_rule.updated`."""
    return changed(await service.update_duplicate_rule(unit, rule_id, body, if_match=if_match))


@router.delete("/duplicate-rules/{rule_id}", status_code=204, **writes(_WRITE, versioned=True))
async def delete_duplicate_rule(rule_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a rule; publishes `duplicate_rule.deleted`."""
    await service.delete_duplicate_rule(unit, rule_id, if_match=if_match)
    return Response(status_code=204)
