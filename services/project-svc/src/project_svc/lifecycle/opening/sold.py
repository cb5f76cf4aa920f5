"""What was sold becomes projects: one for an opportunity and its contract, whichever is heard of first."""

from collections.abc import Sequence

import structlog

from crm_contracts.sales.v1 import ContractSigned, OpportunityWon
from crm_platform.companies import today_of
from crm_platform.context import Cause
from crm_platform.events.wire import Record
from crm_platform.ids import new_id
from crm_platform.uow import UnitOfWork
from project_svc.lifecycle.opening import starts
from project_svc.lifecycle.opening.deals import Deal, of_contract, of_opportunity
from project_svc.merged_customers import service as merged_customers
from project_svc.project_templates import service as project_templates
from project_svc.projects import service as projects
from project_svc.templates import service as templates

_log = structlog.get_logger(__name__)


async def open_for_opportunities(unit: UnitOfWork, won: Sequence[tuple[OpportunityWon, Record]]) -> None:
    """Open one project for each won opportunity that has none, in the language of the opportunity's name.

    It begins with the template in force whose rule is true of the deal.

    Raises:
        OpportunityWithoutCustomer: There is nobody to do a project for.
        TemplateRefused: Something in the company's template cannot be so any more.
    """
    opportunities = await merged_customers.mapped_all(unit.connection, [event.state for event, _ in won])
    ids = [one.id for one in opportunities]
    await projects.lock_opportunities(unit, ids)
    known = await projects.find_by_opportunities(unit, ids)
    rules = await project_templates.rules(unit)
    begun: list[starts.Start] = []
    for opportunity, (_, record) in zip(opportunities, won, strict=True):
        if opportunity.id in known:
            project_id = str(known[opportunity.id])
            _log.info("project_is_open_already", project_id=project_id, opportunity_id=str(opportunity.id))
            continue
        begun.append(await _start_for(unit, rules, of_opportunity(opportunity), unit.cause_of(record)))
        known[opportunity.id] = begun[-1].project.id
    await _begin(unit, begun)


async def open_for_contracts(unit: UnitOfWork, signed: Sequence[tuple[ContractSigned, Record]]) -> None:
    """Let each signed contract have one project: that of its opportunity, or one that is opened for it.

    A project delivers one contract: further ones of the same opportunity, such as supplements, belong to it as well,
    but leave it as it is.

    Raises:
        TemplateRefused: Something in the company's template cannot be so any more.
    """
    contracts = await merged_customers.mapped_all(unit.connection, [event.state for event, _ in signed])
    opportunity_ids = {one.opportunity_id for one in contracts if one.opportunity_id is not None}
    await projects.lock_opportunities(unit, opportunity_ids)
    done = await projects.find_contracts(unit, [one.id for one in contracts])
    known = await projects.find_by_opportunities(unit, list(opportunity_ids))
    there = await projects.find_all(unit, sorted(known.values()))
    rules = await project_templates.rules(unit)
    taken = done | {opportunity_id for opportunity_id, id in known.items() if there[id].contract_id is not None}
    begun: list[starts.Start] = []
    joined: list[tuple[projects.Project, projects.Project]] = []
    causes: list[Cause] = []
    for contract, (_, record) in zip(contracts, signed, strict=True):
        opportunity_id, cause = contract.opportunity_id, unit.cause_of(record)
        if contract.id in taken or opportunity_id in taken:
            _log.info("project_is_open_already", contract_id=str(contract.id), opportunity_id=str(opportunity_id))
            continue
        taken |= {id for id in (contract.id, opportunity_id) if id is not None}
        if opportunity_id in known:
            before = there[known[opportunity_id]]
            joined.append((before, before.under_contract(contract.id, contract.number)))
            causes.append(cause)
        else:
            begun.append(await _start_for(unit, rules, of_contract(contract), cause))
    await projects.put_under_contracts(unit, joined, causes=causes)
    await _begin(unit, begun)


async def _begin(unit: UnitOfWork, begun: Sequence[starts.Start]) -> None:
    await projects.open_projects(unit, [start.project for start in begun], causes=[start.cause for start in begun])
    await starts.fill(unit, begun)


async def _start_for(unit: UnitOfWork, rules: project_templates.Rules, deal: Deal, cause: Cause) -> starts.Start:
    starts_on = deal.begins_on or await today_of(unit)
    template = await starts.template_for_deal(unit, rules, deal.members(), starts_on)
    members = starts.members_of(template)
    project = projects.Project(
        id=new_id(),
        owner_id=deal.owner_id,
        team_id=deal.team_id,
        name=deal.name,
        customer_id=deal.customer_id,
        opportunity_id=deal.opportunity_id,
        contract_id=deal.contract_id,
        contract_reference=deal.contract_number,
        starts_on=starts_on,
        due_on=starts.due_on(template, starts_on),
        **members | {"budget": deal.value or members.get("budget")},
    )
    return starts.Start(project=project, template=template, language=templates.language_of(deal.name), cause=cause)
