"""Routes of requests for access."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import anyio.to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from crm_contracts.privacy.v1 import SubjectKind
from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import created, listed, shown
from crm_platform.http.route import SENSITIVE, reads, service_router, writes
from crm_platform.privacy import Subject
from crm_platform.runtime import runtime_of
from customer_svc.subject_access import service
from customer_svc.subject_access.bundle.packing import packed
from customer_svc.subject_access.models import SUBJECT_ACCESS
from customer_svc.subject_access.schemas import SubjectAccessCreate, SubjectAccessRead

_ZIP = "application/zip"
_ONE = "/subject-access-requests/{subject_access_id}"


def _bundle_options() -> dict[str, Any]:
    options = reads("subject_access:read")
    options["openapi_extra"][SENSITIVE] = True
    file = {"description": "The bundle.", "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}
    gone = {"description": "What was collected is destroyed, or the person is erased."}
    return {**options, "response_class": Response, "responses": {200: file, 409: {"description": ""}, 410: gone}}


def subject_access_router(people: Mapping[SubjectKind, Subject]) -> APIRouter:
    """The routes; ``people`` are the records of which people ask."""
    router = service_router("Subject access")

    @router.get(
        "/subject-access-requests",
        response_model=Page[SubjectAccessRead],
        **reads("subject_access:read", lists=SUBJECT_ACCESS.resource),
    )
    async def list_subject_access_requests(request: Request, reader: ReaderDep) -> Response:
        """List the requests for access; filter by `overdue` for those that services have not answered in time."""
        resource = SUBJECT_ACCESS.resource
        return listed(await reader.page(resource, page_params(request, resource)))

    @router.post(
        "/subject-access-requests",
        response_model=SubjectAccessRead,
        responses={410: {"description": "The person is erased."}},
        **writes("subject_access:write", creates=True),
    )
    async def request_access(body: SubjectAccessCreate, unit: UnitOfWorkDep) -> Response:
        """Ask all services for what they hold about a person; publishes `subject_access.requested`."""
        return created(await service.request_access(unit, body, people), "/v1/subject-access-requests")

    @router.get(_ONE, response_model=SubjectAccessRead, **reads("subject_access:read"))
    async def get_subject_access_request(subject_access_id: UUID, request: Request, reader: ReaderDep) -> Response:
        """Show how far a request is, and which services have not answered."""
        return shown(request, await reader.get(SUBJECT_ACCESS.resource, subject_access_id))

    @router.get(f"{_ONE}/bundle", **_bundle_options())
    async def get_bundle(subject_access_id: UUID, request: Request, unit: UnitOfWorkDep) -> Response:
        """Download all that is known of a person, as whoever has asked for it: data, schemas, a signed manifest."""
        collected = await service.open_bundle(unit, subject_access_id)
        settings, tenant = runtime_of(request).settings, unit.caller.tenant_id
        content = await anyio.to_thread.run_sync(packed, collected, tenant, settings.audit, settings.service)
        name = f'attachment; filename="subject-access-{subject_access_id}.zip"'
        headers = {"content-disposition": name, "cache-control": "no-store"}
        return Response(content, headers=headers, media_type=_ZIP)

    return router
