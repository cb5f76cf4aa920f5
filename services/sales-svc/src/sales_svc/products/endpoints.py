"""Routes of products."""

from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.batch import BatchRequest, BatchResponse, run_batch
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from sales_svc.products import service
from sales_svc.products.models import PRODUCTS
from sales_svc.products.schemas import ProductCreate, ProductRead, ProductUpdate

router = service_router("Products")


@router.get("/products", response_model=Page[ProductRead], **reads("products:read", lists=PRODUCTS.resource))
async def list_products(request: Request, reader: ReaderDep) -> Response:
    """List the products."""
    return listed(await reader.page(PRODUCTS.resource, page_params(request, PRODUCTS.resource)))


@router.post("/products", response_model=ProductRead, **writes("products:write", creates=True))
async def create_product(body: ProductCreate, unit: UnitOfWorkDep) -> Response:
    """Put a product into the catalogue; publishes `product.created`."""
    return created(await service.create_product(unit, body), "/v1/products")


@router.post("/products/batch", response_model=BatchResponse, **writes("products:write"))
async def write_products(body: BatchRequest[ProductCreate], unit: UnitOfWorkDep) -> Response:
    """Enter up to 1,000 products, or with `upsert` bring those up to date whose code is known."""
    return await run_batch(unit, body.items, many=partial(service.write_products, mode=body.mode))


@router.get("/products/{product_id}", response_model=ProductRead, **reads("products:read"))
async def get_product(product_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one product."""
    return shown(request, await reader.get(PRODUCTS.resource, product_id))


@router.patch("/products/{product_id}", response_model=ProductRead, **writes("products:write", versioned=True))
async def update_product(product_id: UUID, body: ProductUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change fields of a product (merge patch); publishes `product.updated`."""
    return changed(await service.update_product(unit, product_id, body, if_match=if_match))


@router.post("/products/{product_id}/activate", response_model=ProductRead, **writes("products:write", versioned=True))
async def activate_product(product_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Let a product be chosen for new deals; publishes `product.updated`."""
    return changed(await service.set_active(unit, product_id, active=True, if_match=if_match, reason=body.reason))


@router.post(
    "/products/{product_id}/deactivate", response_model=ProductRead, **writes("products:write", versioned=True)
)
async def deactivate_product(product_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Take a product out of new deals; publishes `product.updated`."""
    return changed(await service.set_active(unit, product_id, active=False, if_match=if_match, reason=body.reason))
