"""Routes of deliveries."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.files import FileName, gives_file, takes_file
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.runtime import runtime_of
from project_svc.deliveries import service
from project_svc.deliveries.models import DELIVERIES
from project_svc.deliveries.repository import OF_PROJECT
from project_svc.deliveries.schemas import (
    Cancellation,
    DeliveryCreate,
    DeliveryRead,
    DeliveryUpdate,
    SubmissionGiven,
)
from project_svc.documents import service as documents
from project_svc.documents.service import DOCUMENTS, OF_DELIVERY, DocumentRead
from project_svc.projects import service as projects

router = service_router("Deliveries")


@router.get("/deliveries", response_model=Page[DeliveryRead], **reads("deliveries:read", lists=DELIVERIES.resource))
async def list_deliveries(request: Request, reader: ReaderDep) -> Response:
    """List the deliveries that the caller may see."""
    return listed(await reader.page(DELIVERIES.resource, page_params(request, DELIVERIES.resource)))


@router.get(
    "/projects/{project_id}/deliveries",
    response_model=Page[DeliveryRead],
    **reads("deliveries:read", lists=DELIVERIES.resource),
)
async def list_project_deliveries(project_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """List the deliveries of one project."""
    params = page_params(request, DELIVERIES.resource)
    await projects.check_visible(reader, project_id)
    return listed(await reader.page(DELIVERIES.resource, params, OF_PROJECT, project_id=project_id))


@router.post("/deliveries", response_model=DeliveryRead, **writes("deliveries:write", creates=True))
async def plan_delivery(body: DeliveryCreate, unit: UnitOfWorkDep) -> Response:
    """Add a deliverable to a project; publishes `delivery.planned`."""
    return created(await service.plan_delivery(unit, body), "/v1/deliveries")


@router.get("/deliveries/{delivery_id}", response_model=DeliveryRead, **reads("deliveries:read"))
async def get_delivery(delivery_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one delivery."""
    return shown(request, await reader.get(DELIVERIES.resource, delivery_id))


@router.patch("/deliveries/{delivery_id}", response_model=DeliveryRead, **writes("deliveries:write", versioned=True))
async def update_delivery(delivery_id: UUID, body: DeliveryUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change what is agreed, while it does not lie before the customer; publishes `delivery.updated`."""
    return changed(await service.update_delivery(unit, delivery_id, body, if_match=if_match))


@router.post(
    "/deliveries/{delivery_id}/start", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def start_delivery(delivery_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Begin the work; publishes `delivery.started`."""
    return changed(await service.start_delivery(unit, delivery_id, if_match=if_match, reason=body.reason))


@router.post(
    "/deliveries/{delivery_id}/submit", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def submit_delivery(delivery_id: UUID, body: SubmissionGiven, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Hand a version to the customer, also again after a rejection; publishes `delivery.submitted`."""
    return changed(await service.submit_delivery(unit, delivery_id, body, if_match=if_match))


@router.post(
    "/deliveries/{delivery_id}/cancel", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def cancel_delivery(delivery_id: UUID, body: Cancellation, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Give up a deliverable that is not accepted; publishes `delivery.cancelled`."""
    return changed(await service.cancel_delivery(unit, delivery_id, if_match=if_match, reason=body.reason))


@router.get(
    "/deliveries/{delivery_id}/documents",
    response_model=Page[DocumentRead],
    **reads("deliveries:read", lists=DOCUMENTS.resource),
)
async def list_delivery_documents(delivery_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """List the files of one delivery."""
    params = page_params(request, DOCUMENTS.resource)
    await reader.get(DELIVERIES.resource, delivery_id, fields=("id",))
    page = await reader.page(DOCUMENTS.resource, params, OF_DELIVERY, delivery_id=delivery_id)
    return listed(page)


@router.post(
    "/deliveries/{delivery_id}/documents",
    response_model=DocumentRead,
    **takes_file(writes("deliveries:write", creates=True)),
)
async def add_delivery_document(
    delivery_id: UUID, request: Request, unit: UnitOfWorkDep, name: FileName = "document"
) -> Response:
    """Give a file that fits a request, as evidence for versions to come; its kind is found by its content."""
    declared = request.headers.get("content-type", "")
    objects, content = runtime_of(request).objects, await request.body()
    record = await service.add_document(unit, objects, delivery_id, content, name=name, declared=declared)
    return created(record, "/v1/delivery-documents")


@router.get("/delivery-documents/{document_id}", response_model=DocumentRead, **reads("deliveries:read"))
async def get_delivery_document(document_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show what is known of a file of a delivery."""
    rendered = await reader.get(DOCUMENTS.resource, document_id)
    async with reader.open() as connection:
        await documents.expect(connection, document_id)
    return shown(request, rendered)


@router.get("/delivery-documents/{document_id}/content", **gives_file(reads("deliveries:read")))
async def get_delivery_document_content(document_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Download a file of a delivery."""
    await reader.get(DOCUMENTS.resource, document_id, fields=("id",))
    async with reader.open() as connection:
        document = await documents.expect(connection, document_id)
    return await documents.answer(runtime_of(request).objects, reader.caller.tenant_id, document)
