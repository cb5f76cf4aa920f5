"""The route of bulk actions."""

from starlette.responses import Response

from crm_platform.http.dependencies import UnitOfWorkDep
from crm_platform.http.route import service_router
from crm_platform.operations.begin import begin
from crm_platform.operations.endpoints import accepted, begins
from customer_svc.bulk_actions import service
from customer_svc.bulk_actions.operations import BULK
from customer_svc.bulk_actions.schemas import Bulk, BulkRequest

router = service_router("Customers")


@router.post("/customers/bulk", **begins("customers:write"))
async def change_customers(body: BulkRequest, unit: UnitOfWorkDep) -> Response:
    """Do the same to up to 10,000 customers, as an operation with a result for each.

    Rights are checked customer by customer when it is their turn; one that is refused does not stop the others.
    """
    ids = await service.chosen(unit, body)
    operation = await begin(unit, BULK, Bulk(change=body.change, customers=len(ids)))
    await service.keep_targets(unit.connection, operation.id, ids)
    return accepted(operation)
