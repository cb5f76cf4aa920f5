"""Lists as views show them: what a view says holds, except where the request itself says something else."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, select
from starlette.requests import Request

from crm_platform.cel import CelError, check
from crm_platform.db import Query
from crm_platform.errors import InvalidParameter, NotFound
from crm_platform.http.dependencies import names_custom, page_params
from crm_platform.reads.page import PageParams
from crm_platform.reads.reader import Reader
from crm_platform.reads.resource import Resource
from crm_platform.runtime import runtime_of
from crm_platform.saved_views.domain import NOUN, SavedView
from crm_platform.saved_views.errors import ViewDoesNotFit
from crm_platform.saved_views.tables import SAVED_VIEWS
from crm_platform.words import Words

_MOST = 1000
_table = SAVED_VIEWS.table
_FIND = Query(
    select(*SAVED_VIEWS.loaded_columns()).where(
        _table.c.id == bindparam("id", type_=Uuid), _table.c.resource == bindparam("resource", type_=Text)
    )
)


async def list_params(request: Request, reader: Reader, resource: Resource) -> PageParams:
    """The parameters of a list, completed by the view that ``?view=`` names.

    A filter of the request narrows that of the view; its sort and its fields take the place of the view's.

    Raises:
        InvalidParameter: A value cannot be used.
        NotFound: No such view of this list, or not shared with the caller.
        ViewDoesNotFit: What the view names is not there any more.
    """
    text = request.query_params.get("view")
    resource = await reader.view(resource, now=text is not None or names_custom(request))
    if text is None:
        return page_params(request, resource)
    view = await _find(reader, resource, text)
    for part, words in problems(view, resource):
        raise ViewDoesNotFit(name=view.name, part=part, message=words)
    limit = runtime_of(request).settings.limits.page_size
    return PageParams.parse(merged(view, request.query_params), resource, max_limit=limit)


async def _find(reader: Reader, resource: Resource, text: str) -> SavedView:
    try:
        id = UUID(text)
    except ValueError as error:
        raise InvalidParameter(parameter="view", message=Words("the id of a view", "应为视图编号")) from error
    async with reader.open() as connection:
        row = await connection.fetchrow(_FIND.text, *_FIND.args(id=id, resource=resource.name))
    view = None if row is None else SAVED_VIEWS.spec.from_row(row)
    if view is None or not view.is_seen_by(reader.caller):
        raise NotFound(what=NOUN, id=id)
    return view


def problems(view: SavedView, resource: Resource) -> list[tuple[str, Words]]:
    """What of a view a list cannot do: the member (`filter`, `sort` or `columns`), and why."""
    found: list[tuple[str, Words]] = []
    if view.filter is not None:
        try:
            check(view.filter, resource.listed_by)
        except CelError as error:
            found.append(("filter", error.words()))
    for part, name in (("sort", "sort"), ("columns", "fields")):
        try:
            PageParams.parse({name: query[name]} if name in (query := _query(view)) else {}, resource, max_limit=_MOST)
        except InvalidParameter as error:
            found.append((part, error.texts["message"]))
    return found


def merged(view: SavedView, query: Mapping[str, str]) -> dict[str, str]:
    """The query of a list: ``query``, completed by the view."""
    whole = {**_query(view), **query}
    if view.filter is not None:
        own = query.get("filter")
        whole["filter"] = f"({view.filter}) && ({own})" if own else view.filter
    return whole


def _query(view: SavedView) -> dict[str, str]:
    query = {"sort": view.sort, "fields": ",".join(view.columns)}
    return {name: value for name, value in query.items() if value}
