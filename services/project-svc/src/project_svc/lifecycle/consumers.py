"""Events and messages that open projects or decide about them."""

from crm_contracts.inbound.v1 import OaApprovalDecided
from crm_contracts.sales.v1 import ContractSigned, OpportunityWon
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from project_svc.change_requests import service as change_requests
from project_svc.lifecycle import service
from project_svc.lifecycle.opening import sold

SUBJECT = "project"
"""What the OA system calls a project of ours."""
CHANGE_REQUEST = "change_request"
"""What it calls a change request."""


async def on_opportunities_won(unit: UnitOfWork, events: list[tuple[OpportunityWon, Record]]) -> None:
    """Open the projects that deliver what was sold."""
    await sold.open_for_opportunities(unit, events)


async def on_contracts_signed(unit: UnitOfWork, events: list[tuple[ContractSigned, Record]]) -> None:
    """Open the projects that deliver what was agreed, where there are none yet."""
    await sold.open_for_contracts(unit, events)


async def on_approval_decided(unit: UnitOfWork, message: OaApprovalDecided, _: Record) -> None:
    """Let an approval of a project or of a change request take effect; approvals of other things are not ours."""
    if message.subject_type == SUBJECT:
        await service.decide(unit, message)
    elif message.subject_type == CHANGE_REQUEST:
        await change_requests.decide_by_oa(unit, message)
