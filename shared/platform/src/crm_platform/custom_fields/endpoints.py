"""The routes of definitions of custom fields, for the list of every service that has some."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter
from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.custom_fields import service
from crm_platform.custom_fields.conversion import convert_field
from crm_platform.custom_fields.describing import described
from crm_platform.custom_fields.model import CUSTOM_FIELDS, Customisable
from crm_platform.custom_fields.schemas import Conversion, CustomFieldCreate, CustomFieldRead, CustomFieldUpdate
from crm_platform.http.context import context_of
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import SIGNED_IN, reads, service_router, writes
from crm_platform.operations.endpoints import accepted, begins

_ONE = "/custom-fields/{field_id}"
_READ, _WRITE = "custom_fields:read", "custom_fields:write"


def custom_fields_router(create: type[CustomFieldCreate], records: Customisable) -> APIRouter:
    """The routes under ``/v1/custom-fields``.

    Args:
        create: What a new field of this service is made of; its ``resource`` is one of the records.
        records: What has custom fields.
    """
    router = service_router("Custom fields")
    _add_description(router, records)
    _add_reads(router)
    _add_states(router, records)

    async def create_custom_field(body: CustomFieldCreate, unit: UnitOfWorkDep) -> Response:
        """Define a field; publishes `custom_field.created`."""
        return created(await service.create_field(unit, body, records), "/v1/custom-fields")

    create_custom_field.__annotations__["body"] = create
    router.post("/custom-fields", response_model=CustomFieldRead, **writes(_WRITE, creates=True))(create_custom_field)

    @router.patch(_ONE, response_model=CustomFieldRead, **writes(_WRITE, versioned=True))
    async def update_custom_field(
        field_id: UUID, body: CustomFieldUpdate, unit: UnitOfWorkDep, if_match: IfMatch
    ) -> Response:
        """Change a definition (merge patch); publishes `custom_field.updated`, and later `custom_field.applied`."""
        return changed(await service.update_field(unit, field_id, body, records, if_match=if_match))

    return router


def _add_description(router: APIRouter, records: Customisable) -> None:
    @router.get("/custom-fields/openapi", response_model=dict[str, JsonValue], **reads(SIGNED_IN))
    async def describe_custom_fields(request: Request, reader: ReaderDep) -> Response:
        """Show the OpenAPI document of this service as your company has it, with your custom fields and their rules."""
        document: dict[str, Any] = request.app.openapi()
        caller = replace(reader.caller, language=context_of(request).language)
        for ours in records.values():
            view = await reader.view(ours.aggregate.resource, now=True)
            fields = ours.part.recent(caller.tenant_id)
            if fields is not None:
                document = described(document, ours, fields, view, caller)
        return listed(orjson.dumps(document))


def _add_reads(router: APIRouter) -> None:
    @router.get("/custom-fields", response_model=Page[CustomFieldRead], **reads(_READ, lists=CUSTOM_FIELDS.resource))
    async def list_custom_fields(request: Request, reader: ReaderDep) -> Response:
        """List the fields that the company has defined, in the order in which they are shown."""
        params = page_params(request, CUSTOM_FIELDS.resource)
        return listed(await reader.page(CUSTOM_FIELDS.resource, params))

    @router.get(_ONE, response_model=CustomFieldRead, **reads(_READ))
    async def get_custom_field(field_id: UUID, request: Request, reader: ReaderDep) -> Response:
        """Show one definition."""
        return shown(request, await reader.get(CUSTOM_FIELDS.resource, field_id))


def _add_states(router: APIRouter, records: Customisable) -> None:
    @router.post(f"{_ONE}/retire", response_model=CustomFieldRead, **writes(_WRITE, versioned=True))
    async def retire_custom_field(field_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
        """Take a field out of use, and keep its values; publishes `custom_field.retired`."""
        return changed(await service.retire_field(unit, field_id, records, if_match=if_match))

    @router.post(f"{_ONE}/restore", response_model=CustomFieldRead, **writes(_WRITE, versioned=True))
    async def restore_custom_field(field_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
        """Take a field into use again, with its values; publishes `custom_field.restored`."""
        return changed(await service.restore_field(unit, field_id, records, if_match=if_match))

    @router.post(f"{_ONE}/convert", **begins(_WRITE))
    async def convert_custom_field(field_id: UUID, body: Conversion, unit: UnitOfWorkDep) -> Response:
        """Give a field another type, or try it (`dry_run`); the results show values that do not convert."""
        return accepted(await convert_field(unit, field_id, body, records))
