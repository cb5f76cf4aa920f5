"""Routes of the rule about the end of projects."""

from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep
from crm_platform.http.responses import listed
from crm_platform.http.route import reads, service_router, writes
from project_svc.closing_rules import service
from project_svc.closing_rules.schemas import ClosingRuleDefinition, ClosingRuleRead

router = service_router("Closing")


@router.get("/closing-rule", response_model=ClosingRuleRead, **reads("projects:read"))
async def get_closing_rule(reader: ReaderDep) -> Response:
    """Show what the company wants before a project is closed."""
    return listed(await service.shown(reader))


@router.put("/closing-rule", response_model=ClosingRuleRead, **writes("projects:write"))
async def define_closing_rule(body: ClosingRuleDefinition, unit: UnitOfWorkDep) -> Response:
    """Say whether projects need a closing report; publishes `closing_rule.defined` or `closing_rule.updated`."""
    return listed(await service.define(unit, body))
