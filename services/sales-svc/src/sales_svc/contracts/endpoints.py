"""Routes of contracts."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from sales_svc.contracts import service
from sales_svc.contracts.models import CONTRACTS
from sales_svc.contracts.schemas import (
    ContractCreate,
    ContractRead,
    ContractUpdate,
    Fulfilment,
    Signing,
    Termination,
)

router = service_router("Contracts")

_CHANGES = writes("contracts:write", versioned=True)


@router.get("/contracts", response_model=Page[ContractRead], **reads("contracts:read", lists=CONTRACTS.resource))
async def list_contracts(request: Request, reader: ReaderDep) -> Response:
    """List the contracts that the caller may see."""
    return listed(await reader.page(CONTRACTS.resource, page_params(request, CONTRACTS.resource)))


@router.post("/contracts", response_model=ContractRead, **writes("contracts:write", creates=True))
async def create_contract(body: ContractCreate, unit: UnitOfWorkDep) -> Response:
    """Draft a contract; publishes `contract.created`."""
    return created(await service.create_contract(unit, body), "/v1/contracts")


@router.get("/contracts/{contract_id}", response_model=ContractRead, **reads("contracts:read"))
async def get_contract(contract_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one contract."""
    return shown(request, await reader.get(CONTRACTS.resource, contract_id))


@router.patch("/contracts/{contract_id}", response_model=ContractRead, **_CHANGES)
async def update_contract(contract_id: UUID, body: ContractUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change fields of a contract (merge patch), of its terms only in a draft; publishes `contract.updated`."""
    return changed(await service.update_contract(unit, contract_id, body, if_match=if_match))


@router.post(
    "/contracts/{contract_id}/approve",
    response_model=ContractRead,
    **writes("contract_approvals:write", versioned=True),
)
async def approve_contract(contract_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Agree to the terms of a draft, as somebody else than their author; publishes `contract.approved`."""
    return changed(await service.approve_contract(unit, contract_id, if_match=if_match, reason=body.reason))


@router.post("/contracts/{contract_id}/return", response_model=ContractRead, **_CHANGES)
async def return_contract(contract_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Make an approved contract a draft again; publishes `contract.returned`."""
    return changed(await service.return_contract(unit, contract_id, if_match=if_match, reason=body.reason))


@router.post("/contracts/{contract_id}/sign", response_model=ContractRead, **_CHANGES)
async def sign_contract(contract_id: UUID, body: Signing, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that both sides have signed, which fixes the terms; publishes `contract.signed`.

    A project is opened that delivers it, or the project of its opportunity gets a reference to it.
    """
    return changed(await service.sign_contract(unit, contract_id, body, if_match=if_match))


@router.post("/contracts/{contract_id}/fulfil", response_model=ContractRead, **_CHANGES)
async def fulfil_contract(contract_id: UUID, body: Fulfilment, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that both sides have done what a signed contract asks; publishes `contract.fulfilled`."""
    ended = service.end_contract(unit, contract_id, "fulfil", body.ended_on, if_match=if_match, reason=body.reason)
    return changed(await ended)


@router.post("/contracts/{contract_id}/terminate", response_model=ContractRead, **_CHANGES)
async def terminate_contract(contract_id: UUID, body: Termination, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """End a signed contract for a reason before it is fulfilled; publishes `contract.terminated`."""
    ended = service.end_contract(unit, contract_id, "terminate", body.ended_on, if_match=if_match, reason=body.reason)
    return changed(await ended)


@router.post("/contracts/{contract_id}/cancel", response_model=ContractRead, **_CHANGES)
async def cancel_contract(contract_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Give a contract up that nobody has signed; publishes `contract.cancelled`."""
    return changed(await service.end_contract(unit, contract_id, "cancel", if_match=if_match, reason=body.reason))
