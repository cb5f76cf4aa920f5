"""Routes of the rules of holds."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.hold_rules import service
from customer_svc.hold_rules.models import HOLD_RULES
from customer_svc.hold_rules.schemas import HoldRuleCreate, HoldRuleRead, HoldRuleUpdate

router = service_router("Erasure")


@router.get("/hold-rules", response_model=Page[HoldRuleRead], **reads("erasures:read", lists=HOLD_RULES.resource))
async def list_hold_rules(request: Request, reader: ReaderDep) -> Response:
    """List the rules by which records are kept although a person is erased."""
    return listed(await reader.page(HOLD_RULES.resource, page_params(request, HOLD_RULES.resource)))


@router.post("/hold-rules", response_model=HoldRuleRead, **writes("erasures:write", creates=True))
async def create_hold_rule(body: HoldRuleCreate, unit: UnitOfWorkDep) -> Response:
    """Make a rule for one kind of records; publishes `hold_rule.created`."""
    return created(await service.create_hold_rule(unit, body), "/v1/hold-rules")


@router.get("/hold-rules/{rule_id}", response_model=HoldRuleRead, **reads("erasures:read"))
async def get_hold_rule(rule_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one rule."""
    return shown(request, await reader.get(HOLD_RULES.resource, rule_id))


@router.patch("/hold-rules/{rule_id}", response_model=HoldRuleRead, **writes("erasures:write", versioned=True))
async def update_hold_rule(rule_id: UUID, body: HoldRuleUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change a rule (merge patch); publishes `hold_rule.updated`."""
    return changed(await service.update_hold_rule(unit, rule_id, body, if_match=if_match))
