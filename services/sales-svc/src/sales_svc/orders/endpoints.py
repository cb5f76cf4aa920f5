"""Routes of orders and their payments."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import JSON, listed, shown
from crm_platform.http.route import reads, service_router, writes
from sales_svc.orders import service
from sales_svc.orders.models import OF_ORDER, ORDERS, PAYMENTS
from sales_svc.orders.schemas import OrderRead, PaymentCreate, PaymentRead
from sales_svc.orders.service import Payment

router = service_router("Orders")


@router.get("/orders", response_model=Page[OrderRead], **reads("orders:read", lists=ORDERS.resource))
async def list_orders(request: Request, reader: ReaderDep) -> Response:
    """List the orders that the caller may see."""
    return listed(await reader.page(ORDERS.resource, page_params(request, ORDERS.resource)))


@router.get("/orders/{order_id}", response_model=OrderRead, **reads("orders:read"))
async def get_order(order_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one order."""
    return shown(request, await reader.get(ORDERS.resource, order_id))


@router.get("/orders/{order_id}/payments", response_model=Page[PaymentRead], **reads("orders:read", lists=PAYMENTS))
async def list_payments(order_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """List the payments of an order."""
    params = page_params(request, PAYMENTS)
    await reader.get(ORDERS.resource, order_id, fields=("id",))
    return listed(await reader.page(PAYMENTS, params, OF_ORDER, order_id=order_id))


@router.post(
    "/orders/{order_id}/payments",
    response_model=PaymentRead,
    **writes("orders:write", creates=True),
)
async def receive_payment(order_id: UUID, body: PaymentCreate, unit: UnitOfWorkDep) -> Response:
    """Record a payment, once per `payment_id` and reporting system: the same again answers 200 and changes nothing.

    Publishes `order.paid` where it completes the order, else `order.payment_received`.
    """
    payment = Payment(
        system=unit.caller.system,
        payment_id=body.payment_id,
        order_id=order_id,
        amount=body.amount,
        received_on=body.received_on,
    )
    content, new = await service.receive_payment(unit, payment)
    return Response(content, 201 if new else 200, media_type=JSON)
