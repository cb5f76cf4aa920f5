"""Use cases of contracts; endpoints and consumers call the same functions."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import structlog

from crm_contracts.inbound.v1 import ApprovalDecision, OaApprovalDecided, OaContractSigned
from crm_contracts.sales.v1 import (
    ContractApproved,
    ContractCancelled,
    ContractCreated,
    ContractEvent,
    ContractFulfilled,
    ContractReturned,
    ContractSigned,
    ContractTerminated,
    ContractUpdated,
)
from crm_platform.companies import today_of
from crm_platform.errors import NotFound
from crm_platform.http.fields import changes_of, ownership
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from sales_svc.contracts.domain import LIFE_CYCLE, NOUN, Contract, Signature
from sales_svc.contracts.errors import OtherCustomer, UnknownOpportunity
from sales_svc.contracts.models import CONTRACT_NUMBERS, CONTRACT_REFS, CONTRACTS
from sales_svc.contracts.schemas import ContractCreate, ContractFields, ContractUpdate, Signing
from sales_svc.merged_customers import service as merged_customers
from sales_svc.opportunities import service as opportunities

_log = structlog.get_logger(__name__)

_ENDS: dict[str, type[ContractEvent]] = {
    "fulfil": ContractFulfilled,
    "terminate": ContractTerminated,
    "cancel": ContractCancelled,
}
"""What is told of each way in which a contract ends."""


async def create_contract(unit: UnitOfWork, body: ContractCreate) -> Rendered:
    """Draft a contract under the next number of the year; whoever needs one next waits for this transaction.

    Raises:
        UnknownOpportunity: There is no such opportunity that the caller may see.
        OtherCustomer: It is about another customer.
        ValidityReversed: The contract would end before it begins.
        ExternalIdTaken: Another contract has one of the external ids.
    """
    body = await merged_customers.mapped(unit.connection, body)
    about = await _about(unit, body)
    values = {**changes_of(body), **ownership(body, unit.caller)}
    values["external_refs"] = tuple(dict.fromkeys(body.external_refs))
    contract = Contract(id=new_id(), number="", drafted_by=unit.cause.actor, **values).checked()
    _expect_known(body, about)
    _expect_of_customer(contract, about)
    (number,) = await CONTRACT_NUMBERS.take(unit.connection, [(await today_of(unit)).year])
    rendered = await unit.insert(CONTRACTS, contract.with_(number=number), ContractCreated)
    if contract.external_refs:
        await CONTRACT_REFS.replace(unit.connection, contract.id, contract.external_refs)
    return rendered


async def update_contract(unit: UnitOfWork, id: UUID, body: ContractUpdate, *, if_match: object) -> Rendered:
    """Change fields of a contract, of its terms only while it is a draft.

    Raises:
        NotFound: No such contract, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The contract has changed since.
        TermsFixed: It is no draft any more.
        UnknownOpportunity: There is no such opportunity that the caller may see.
        OtherCustomer: The opportunity is not known to be about the customer.
        ValidityReversed: The contract would end before it begins.
        ExternalIdTaken: Another contract has one of the external ids.
    """
    body = await merged_customers.mapped(unit.connection, body)
    about = await _about(unit, body)
    before = await unit.load(CONTRACTS, id, if_match=if_match)
    after = before.edited(by=unit.cause.actor, **changes_of(body))
    if (after.customer_id, after.opportunity_id) != (before.customer_id, before.opportunity_id):
        _expect_known(body, about)
        _expect_of_customer(after, about)
    if after.external_refs != before.external_refs:
        await CONTRACT_REFS.replace(unit.connection, id, after.external_refs)
    return await unit.update(CONTRACTS, before, after, ContractUpdated)


async def approve_contract(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Agree to the terms of a contract, as somebody else than their author.

    Raises:
        InvalidTransition: It is no draft.
        OwnContract: The terms are the caller's own.
    """
    before = await unit.load(CONTRACTS, id, if_match=if_match)
    after = before.approved(by=unit.caller.actor)
    return await unit.update(CONTRACTS, before, after, ContractApproved, reason=reason)


async def return_contract(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Make an approved contract a draft again.

    Raises:
        InvalidTransition: It is not approved.
    """
    before = await unit.load(CONTRACTS, id, if_match=if_match)
    return await unit.update(CONTRACTS, before, before.returned(), ContractReturned, reason=reason)


async def sign_contract(unit: UnitOfWork, id: UUID, body: Signing, *, if_match: object) -> Rendered:
    """Record that both sides have signed.

    Raises:
        InvalidTransition: It was signed before, or given up.
        SignedInFuture: The day is still to come.
        NeededToSign: The amount or a signatory is missing.
        ValidityReversed: It would end before it begins.
    """
    before = await unit.load(CONTRACTS, id, if_match=if_match)
    after = before.signed(Signature(**body.model_dump(exclude={"reason"})), now=unit.now)
    return await unit.update(CONTRACTS, before, after, ContractSigned, reason=body.reason)


async def end_contract(
    unit: UnitOfWork, id: UUID, action: str, on: date | None = None, *, if_match: object, reason: str | None
) -> Rendered:
    """End a contract by ``fulfil``, ``terminate`` or ``cancel``, today if no day is given.

    Raises:
        InvalidTransition: Not possible in the present state.
        EndedBeforeSigned: The day is before that of the signature.
    """
    before = await unit.load(CONTRACTS, id, if_match=if_match)
    after = before.ended(action, on or await today_of(unit), reason)
    return await unit.update(CONTRACTS, before, after, _ENDS[action], reason=reason)


async def decide_by_oa(unit: UnitOfWork, decision: OaApprovalDecided) -> None:
    """Let an approval of the OA system take effect on a draft, or a refusal on what was approved.

    Raises:
        NotFound: There is no such contract.
    """
    before = await _found(unit, decision.subject_id)
    approves = decision.decision is ApprovalDecision.APPROVED
    if ("approve" if approves else "return") not in LIFE_CYCLE.actions(before.status):
        _log.info("nothing_to_decide", approval_id=decision.approval_id, contract_id=str(before.id))
        return
    after = before.approved(by=decision.decided_by) if approves else before.returned()
    event = ContractApproved if approves else ContractReturned
    await unit.update(CONTRACTS, before, after, event, reason=decision.comment)


async def sign_by_oa(unit: UnitOfWork, message: OaContractSigned) -> None:
    """Take over a signature from the OA system; where the contract is signed or given up it comes too late.

    Raises:
        NotFound: There is no such contract.
        SignedInFuture: The day is still to come.
        NeededToSign: The amount or a signatory is missing.
        ValidityReversed: It would end before it begins.
    """
    before = await _found(unit, message.contract_id)
    if "sign" not in LIFE_CYCLE.actions(before.status):
        _log.info("signature_comes_too_late", signature_id=message.signature_id, contract_id=str(before.id))
        return
    signature = Signature(
        signed_on=message.signed_on,
        our_signatory_id=message.our_signatory_id,
        customer_signatory_id=message.customer_signatory_id,
    )
    after = before.signed(signature, now=unit.now)
    await unit.update(CONTRACTS, before, after, ContractSigned, reason=message.comment)


async def _found(unit: UnitOfWork, id: UUID) -> Contract:
    found = await unit.find(CONTRACTS, id)
    if found is None:
        raise NotFound(what=NOUN, id=id)
    return found


async def _about(unit: UnitOfWork, body: ContractFields) -> Mapping[UUID, UUID | None]:
    """Whom the opportunity that ``body`` names is about; opportunities are locked before contracts everywhere."""
    return await opportunities.customers_of(unit, [body.opportunity_id] if body.opportunity_id else [])


def _expect_known(body: ContractFields, about: Mapping[UUID, UUID | None]) -> None:
    """Refuse an opportunity that does not exist.

    Raises:
        UnknownOpportunity: There is none that the caller may see.
    """
    if body.opportunity_id is not None and body.opportunity_id not in about:
        raise UnknownOpportunity(opportunity_id=body.opportunity_id)


def _expect_of_customer(contract: Contract, about: Mapping[UUID, UUID | None]) -> None:
    """Refuse an opportunity that is not known to be about the contract's customer.

    Raises:
        OtherCustomer: It is about another one or nobody, or the request does not name it.
    """
    if contract.opportunity_id is not None and about.get(contract.opportunity_id) != contract.customer_id:
        raise OtherCustomer(opportunity_id=contract.opportunity_id, customer_id=contract.customer_id)
