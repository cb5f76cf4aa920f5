"""What endpoints ask for: a reader, a unit of work, list parameters, the version a change is based on."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from crm_platform.custom_fields.columns import CUSTOM
from crm_platform.http.direct import reader_dependency
from crm_platform.http.transaction import if_match, unit_of_work
from crm_platform.reads.page import PageParams
from crm_platform.reads.reader import Reader
from crm_platform.reads.resource import Resource
from crm_platform.runtime import runtime_of
from crm_platform.uow import UnitOfWork

ReaderDep = Annotated[Reader, Depends(reader_dependency)]
UnitOfWorkDep = Annotated[UnitOfWork, Depends(unit_of_work, scope="function")]
IfMatch = Annotated[int | None, Depends(if_match)]


def names_custom(request: Request) -> bool:
    """Whether a request may name a custom field, so that the definitions have to be those of just now."""
    return any(f"{CUSTOM}." in value for value in request.query_params.values())


async def view_params(request: Request, reader: Reader, resource: Resource) -> tuple[Resource, PageParams]:
    """The resource as the company of the caller has it, and the list parameters of ``request``, checked against it."""
    view = await reader.view(resource, now=names_custom(request))
    return view, page_params(request, view)


def page_params(request: Request, resource: Resource) -> PageParams:
    """The list parameters of ``request``, checked against ``resource``."""
    limit = runtime_of(request).settings.limits.page_size
    return PageParams.parse(request.query_params, resource, max_limit=limit)
