"""Routes of the pool's rules."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.pool_rules import service
from customer_svc.pool_rules.models import POOL_RULES
from customer_svc.pool_rules.schemas import PoolRuleCreate, PoolRuleRead, PoolRuleUpdate

router = service_router("Public pool")


@router.get("/pool-rules", response_model=Page[PoolRuleRead], **reads("pool_rules:read", lists=POOL_RULES.resource))
async def list_pool_rules(request: Request, reader: ReaderDep) -> Response:
    """List the rules of the pool."""
    return listed(await reader.page(POOL_RULES.resource, page_params(request, POOL_RULES.resource)))


@router.post("/pool-rules", response_model=PoolRuleRead, **writes("pool_rules:write", creates=True))
async def create_pool_rule(body: PoolRuleCreate, unit: UnitOfWorkDep) -> Response:
    """Make a rule for a team or for everybody; publishes `pool_rule.created`."""
    return created(await service.create_pool_rule(unit, body), "/v1/pool-rules")


@router.get("/pool-rules/{rule_id}", response_model=PoolRuleRead, **reads("pool_rules:read"))
async def get_pool_rule(rule_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one rule."""
    return shown(request, await reader.get(POOL_RULES.resource, rule_id))


@router.patch("/pool-rules/{rule_id}", response_model=PoolRuleRead, **writes("pool_rules:write", versioned=True))
async def update_pool_rule(rule_id: UUID, body: PoolRuleUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change a rule (merge patch); publishes `pool_rule.updated`."""
    return changed(await service.update_pool_rule(unit, rule_id, body, if_match=if_match))


@router.delete("/pool-rules/{rule_id}", status_code=204, **writes("pool_rules:write", versioned=True))
async def delete_pool_rule(rule_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a rule; publishes `pool_rule.deleted`."""
    await service.delete_pool_rule(unit, rule_id, if_match=if_match)
    return Response(status_code=204)
