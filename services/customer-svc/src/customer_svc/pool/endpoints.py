"""Routes of the pool."""

from uuid import UUID

from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep
from crm_platform.http.responses import changed, listed
from crm_platform.http.route import reads, service_router, writes
from customer_svc.customers.schemas import CustomerRead  # allow sibling-by-service: its routes answer with customers
from customer_svc.pool import service
from customer_svc.pool.schemas import OwnershipHistory, Release

router = service_router("Public pool")


@router.post("/customers/{customer_id}/claim", response_model=CustomerRead, **writes("customers:write"))
async def claim_customer(customer_id: UUID, unit: UnitOfWorkDep) -> Response:
    """Take a customer out of the public pool; publishes `customer.claimed`.

    Of several who claim at once, one gets it; the others are told `already_claimed`.
    """
    return changed(await service.claim_customer(unit, customer_id))


@router.post(
    "/customers/{customer_id}/release", response_model=CustomerRead, **writes("customers:write", versioned=True)
)
async def release_customer(customer_id: UUID, body: Release, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Give a customer back to the public pool; publishes `customer.released`."""
    return changed(await service.release_customer(unit, customer_id, body.reason, if_match=if_match))


@router.get("/customers/{customer_id}/owners", response_model=OwnershipHistory, **reads("customers:read"))
async def list_owners(customer_id: UUID, reader: ReaderDep) -> Response:
    """Show to whom a customer has belonged, and how that came about."""
    return listed(await service.owners(reader, customer_id))
