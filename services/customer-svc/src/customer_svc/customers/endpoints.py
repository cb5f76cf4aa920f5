"""Routes of customers."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.batch import BatchRequest, BatchResponse, run_batch
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.reads.veil import Condition
from crm_platform.runtime import runtime_of
from crm_platform.saved_views.use import list_params
from crm_platform.sealing.vault import vault_of
from customer_svc.customers import service
from customer_svc.customers.finding import found_by
from customer_svc.customers.models import CUSTOMERS
from customer_svc.customers.schemas import (
    Activation,
    Churn,
    CustomerCreate,
    CustomerRead,
    CustomerUpdate,
    Rest,
)
from customer_svc.duplicates.service import CandidatesRead

router = service_router("Customers")

AllowDuplicates = Annotated[bool, Query(description="Go on although somebody is there who may be the same.")]


_LIST = reads("customers:read", lists=CUSTOMERS.resource, views=True)
_LIST["openapi_extra"]["parameters"] += [
    {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"Only customers with this {what}, in any spelling; it is compared without being decrypted.",
        "schema": {"type": "string"},
    }
    for name, what in (("phone", "phone number"), ("email", "e-mail address"))
]


@router.get("/customers", response_model=Page[CustomerRead], **_LIST)
async def list_customers(request: Request, reader: ReaderDep) -> Response:
    """List the customers that the caller may see, or search them by name, phone number or e-mail address."""
    resource = service.view_for(reader.caller)
    conditions: list[Condition] = []
    values: dict[str, Any] = {}
    for kind in request.query_params.keys() & {"phone", "email"}:
        index = vault_of(runtime_of(request).database).index
        wanted, parameters = found_by(reader.caller, kind, request.query_params[kind], index)
        conditions += wanted
        values |= parameters
    params = await list_params(request, reader, resource)
    return listed(await reader.page(resource, params, *conditions, **values))


@router.post("/customers", response_model=CustomerRead, **writes("customers:write", creates=True))
async def create_customer(
    body: CustomerCreate, unit: UnitOfWorkDep, allow_duplicates: AllowDuplicates = False
) -> Response:
    """Enter a customer; publishes `customer.created`."""
    customer = await service.create_customer(unit, body, allow_duplicates=allow_duplicates)
    return created(customer, "/v1/customers")


@router.post("/customers/batch", response_model=BatchResponse, **writes("customers:write"))
async def write_customers(
    body: BatchRequest[CustomerCreate], unit: UnitOfWorkDep, allow_duplicates: AllowDuplicates = False
) -> Response:
    """Enter or bring up to date up to 1,000 customers; each item gets a result of its own."""
    many = partial(service.write_customers, mode=body.mode, allow_duplicates=allow_duplicates)
    one = partial(service.write_customer, mode=body.mode, allow_duplicates=allow_duplicates)
    return await run_batch(unit, body.items, many=many, one=one)


@router.post("/customers/duplicates/check", response_model=CandidatesRead, **reads("customers:read"))
async def find_duplicates(body: CustomerCreate, unit: UnitOfWorkDep) -> CandidatesRead:
    """Ask who may be the same as a customer to be, with scores and reasons; nothing is written."""
    return await service.find_duplicates(unit, body)


@router.get("/customers/{customer_id}", response_model=CustomerRead, **reads("customers:read"))
async def get_customer(customer_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one customer."""
    return shown(request, await reader.get(service.view_for(reader.caller), customer_id))


@router.patch("/customers/{customer_id}", response_model=CustomerRead, **writes("customers:write", versioned=True))
async def update_customer(
    customer_id: UUID,
    body: CustomerUpdate,
    unit: UnitOfWorkDep,
    if_match: IfMatch,
    allow_duplicates: AllowDuplicates = False,
) -> Response:
    """Change fields of a customer (merge patch); publishes `customer.updated`."""
    after = await service.update_customer(unit, customer_id, body, if_match=if_match, allow_duplicates=allow_duplicates)
    return changed(after)


@router.delete("/customers/{customer_id}", status_code=204, **writes("customers:write", versioned=True))
async def delete_customer(customer_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a customer that nothing refers to; publishes `customer.deleted`."""
    await service.delete_customer(unit, customer_id, if_match=if_match)
    return Response(status_code=204)


@router.post(
    "/customers/{customer_id}/activate", response_model=CustomerRead, **writes("customers:write", versioned=True)
)
async def activate_customer(customer_id: UUID, body: Activation, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Make a customer active; publishes `customer.status_changed`."""
    return changed(await service.move_customer(unit, customer_id, "activate", body, if_match=if_match))


@router.post("/customers/{customer_id}/rest", response_model=CustomerRead, **writes("customers:write", versioned=True))
async def rest_customer(customer_id: UUID, body: Rest, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Mark a customer as dormant; publishes `customer.status_changed`."""
    return changed(await service.move_customer(unit, customer_id, "rest", body, if_match=if_match))


@router.post("/customers/{customer_id}/churn", response_model=CustomerRead, **writes("customers:write", versioned=True))
async def churn_customer(customer_id: UUID, body: Churn, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that a customer has left; publishes `customer.status_changed`."""
    return changed(await service.move_customer(unit, customer_id, "churn", body, if_match=if_match))
