"""Routes of erasures."""

from uuid import UUID

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.audit.certificates import signed
from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.runtime import runtime_of
from customer_svc.erasures import service
from customer_svc.erasures.models import ERASURES
from customer_svc.erasures.schemas import Certificate, ErasureCreate, ErasureRead


def erasures_router(held: service.Held) -> APIRouter:
    """The routes; ``held`` is what this service has about people."""
    router = service_router("Erasure")

    @router.get("/erasures", response_model=Page[ErasureRead], **reads("erasures:read", lists=ERASURES.resource))
    async def list_erasures(request: Request, reader: ReaderDep) -> Response:
        """List the erasures; filter by `overdue` for those that services have not answered in time."""
        return listed(await reader.page(ERASURES.resource, page_params(request, ERASURES.resource)))

    @router.post("/erasures", response_model=ErasureRead, **writes("erasures:write", creates=True))
    async def request_erasure(body: ErasureCreate, unit: UnitOfWorkDep) -> Response:
        """Erase a person for good: here at once, at all services soon; publishes `erasure.requested`."""
        return created(await service.request_erasure(unit, body, held), "/v1/erasures")

    @router.get("/erasures/{erasure_id}", response_model=ErasureRead, **reads("erasures:read"))
    async def get_erasure(erasure_id: UUID, request: Request, reader: ReaderDep) -> Response:
        """Show how far an erasure is, and what each service has erased and kept."""
        return shown(request, await reader.get(ERASURES.resource, erasure_id))

    @router.get(
        "/erasures/{erasure_id}/certificate",
        response_model=Certificate,
        responses={409: {"description": ""}},
        **reads("erasures:read"),
    )
    async def get_certificate(erasure_id: UUID, request: Request, unit: UnitOfWorkDep) -> Response:
        """Certify a complete erasure; signed, so that anybody can verify it without asking."""
        settings = runtime_of(request).settings
        document = signed(await service.certificate(unit, erasure_id), settings.audit, settings.service)
        return listed(orjson.dumps(document))

    return router
