"""Routes of the rules."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.risk_rules import service
from project_svc.risk_rules.models import RISK_RULES
from project_svc.risk_rules.schemas import RiskRuleCreate, RiskRuleRead, RiskRuleUpdate

router = service_router("Risk rules")


@router.get("/risk-rules", response_model=Page[RiskRuleRead], **reads("risks:read", lists=RISK_RULES.resource))
async def list_risk_rules(request: Request, reader: ReaderDep) -> Response:
    """List the rules that raise risks."""
    return listed(await reader.page(RISK_RULES.resource, page_params(request, RISK_RULES.resource)))


@router.post("/risk-rules", response_model=RiskRuleRead, **writes("risks:write", creates=True))
async def create_risk_rule(body: RiskRuleCreate, unit: UnitOfWorkDep) -> Response:
    """Define a rule; publishes `risk_rule.created`.

    Every five minutes it is held against the active projects. Where it is true and no open risk is its own, it
    raises one (`risk.raised`); where it is true no longer, `risk.close_suggested` says so.
    """
    return created(await service.create_rule(unit, body), "/v1/risk-rules")


@router.get("/risk-rules/{rule_id}", response_model=RiskRuleRead, **reads("risks:read"))
async def get_risk_rule(rule_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one rule."""
    return shown(request, await reader.get(RISK_RULES.resource, rule_id))


@router.patch("/risk-rules/{rule_id}", response_model=RiskRuleRead, **writes("risks:write", versioned=True))
async def update_risk_rule(rule_id: UUID, body: RiskRuleUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change a rule (merge patch); publishes `risk_rule.updated`."""
    return changed(await service.update_rule(unit, rule_id, body, if_match=if_match))


@router.delete("/risk-rules/{rule_id}", status_code=204, **writes("risks:write", versioned=True))
async def delete_risk_rule(rule_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a rule; the risks that it has raised stay. Publishes `risk_rule.deleted`."""
    await service.delete_rule(unit, rule_id, if_match=if_match)
    return Response(status_code=204)
