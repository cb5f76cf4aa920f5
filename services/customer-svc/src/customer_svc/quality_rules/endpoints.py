"""Routes of the rules of data quality."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.quality_rules import service
from customer_svc.quality_rules.models import QUALITY_RULES
from customer_svc.quality_rules.schemas import (
    Adoption,
    AdoptionRead,
    QualityRuleCreate,
    QualityRuleRead,
    QualityRuleUpdate,
    ReadyMadeList,
)

router = service_router("Data quality")


@router.get(
    "/quality-rules",
    response_model=Page[QualityRuleRead],
    **reads("data_quality:read", lists=QUALITY_RULES.resource),
)
async def list_quality_rules(request: Request, reader: ReaderDep) -> Response:
    """List the rules of data quality."""
    return listed(await reader.page(QUALITY_RULES.resource, page_params(request, QUALITY_RULES.resource)))


@router.get("/quality-rules/ready-made", response_model=ReadyMadeList, **reads("data_quality:read"))
async def list_ready_made_rules(reader: ReaderDep) -> Response:
    """List rules that can be taken over as they are, and changed afterwards."""
    return listed((await service.ready_made(reader)).model_dump_json().encode())


@router.post("/quality-rules/adopt", response_model=AdoptionRead, **writes("data_quality:write"))
async def adopt_quality_rules(body: Adoption, unit: UnitOfWorkDep) -> AdoptionRead:
    """Take over ready-made rules, all or some; publishes `quality_rule.created` for each that is new."""
    return await service.adopt(unit, body)


@router.post("/quality-rules", response_model=QualityRuleRead, **writes("data_quality:write", creates=True))
async def create_quality_rule(body: QualityRuleCreate, unit: UnitOfWorkDep) -> Response:
    """Define a rule; publishes `quality_rule.created`, whereupon all customers are scored anew."""
    return created(await service.create_rule(unit, body), "/v1/quality-rules")


@router.get("/quality-rules/{rule_id}", response_model=QualityRuleRead, **reads("data_quality:read"))
async def get_quality_rule(rule_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one rule."""
    return shown(request, await reader.get(QUALITY_RULES.resource, rule_id))


@router.patch(
    "/quality-rules/{rule_id}", response_model=QualityRuleRead, **writes("data_quality:write", versioned=True)
)
async def update_quality_rule(
    rule_id: UUID, body: QualityRuleUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change a rule (merge patch); publishes `quality_rule.updated`, and customers are scored anew if that matters."""
    return changed(await service.update_rule(unit, rule_id, body, if_match=if_match))


@router.delete("/quality-rules/{rule_id}", status_code=204, **writes("data_quality:write", versioned=True))
async def delete_quality_rule(rule_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a rule; publishes `quality_rule.deleted`, whereupon all customers are scored anew."""
    await service.delete_rule(unit, rule_id, if_match=if_match)
    return Response(status_code=204)
