"""Routes of the rules of communications."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.communication_rules import service
from customer_svc.communication_rules.models import COMMUNICATION_RULES
from customer_svc.communication_rules.schemas import (
    CommunicationRuleCreate,
    CommunicationRuleRead,
    CommunicationRuleUpdate,
)

router = service_router("Communications")
_READ, _WRITE = "erasures:read", "erasures:write"
_RULES = COMMUNICATION_RULES.resource


@router.get("/communication-rules", response_model=Page[CommunicationRuleRead], **reads(_READ, lists=_RULES))
async def list_communication_rules(request: Request, reader: ReaderDep) -> Response:
    """List the rules by which the contents of communications are sealed."""
    return listed(await reader.page(_RULES, page_params(request, _RULES)))


@router.post("/communication-rules", response_model=CommunicationRuleRead, **writes(_WRITE, creates=True))
async def create_communication_rule(body: CommunicationRuleCreate, unit: UnitOfWorkDep) -> Response:
    """Say whether the contents of communications are sealed; publishes `communication_rule.created`.

    It holds at once for what is written from now on; what is there already follows, as an operation that begins by
    itself. Sealed contents are shown as ever, but neither `q` nor filters find them.
    """
    return created(await service.create_rule(unit, body), "/v1/communication-rules")


@router.get("/communication-rules/{rule_id}", response_model=CommunicationRuleRead, **reads(_READ))
async def get_communication_rule(rule_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one rule."""
    return shown(request, await reader.get(_RULES, rule_id))


@router.patch("/communication-rules/{rule_id}", response_model=CommunicationRuleRead, **writes(_WRITE, versioned=True))
async def update_communication_rule(
    rule_id: UUID, body: CommunicationRuleUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change a rule (merge patch); publishes `communication_rule.updated`. What is there already follows."""
    return changed(await service.update_rule(unit, rule_id, body, if_match=if_match))
