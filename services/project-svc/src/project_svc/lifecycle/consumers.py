"""Events and messages that open projects or decide about them."""

from crm_contracts.inbound.v1 import OaApprovalDecided
from crm_contracts.sales.v1 import OpportunityWon
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from project_svc.lifecycle import service

SUBJECT = "project"
"""What the OA system calls a project of ours."""


async def on_opportunities_won(unit: UnitOfWork, events: list[tuple[OpportunityWon, Record]]) -> None:
    """Open the projects that deliver what was sold."""
    await service.open_for_opportunities(unit, events)


async def on_approval_decided(unit: UnitOfWork, message: OaApprovalDecided, _: Record) -> None:
    """Start or cancel the project that waited for this approval; approvals of other things are not ours."""
    if message.subject_type == SUBJECT:
        await service.decide(unit, message)
