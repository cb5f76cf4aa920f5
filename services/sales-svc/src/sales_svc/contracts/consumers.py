"""What the OA system tells us of contracts."""

from crm_contracts.inbound.v1 import OaApprovalDecided, OaContractSigned
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from sales_svc.contracts import service

SUBJECT = "contract"
"""What the OA system calls a contract of ours."""


async def on_approval_decided(unit: UnitOfWork, message: OaApprovalDecided, _: Record) -> None:
    """Let an approval of a contract take effect; approvals of other things are not ours."""
    if message.subject_type == SUBJECT:
        await service.decide_by_oa(unit, message)


async def on_contract_signed(unit: UnitOfWork, message: OaContractSigned, _: Record) -> None:
    """Take over a signature; what cannot be signed yet is put aside with the reason, nothing waits for it."""
    await service.sign_by_oa(unit, message)
