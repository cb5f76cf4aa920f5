"""The route by which callers ask what they, or others, may do with a record."""

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.access.about import ABOUT_PARAMETER, ABOUT_SCOPE, asked
from crm_platform.access.explain import Action, View, explain
from crm_platform.context import FieldLevel
from crm_platform.errors import InvalidParameter
from crm_platform.history.endpoints import with_id
from crm_platform.http.dependencies import ReaderDep
from crm_platform.http.responses import listed
from crm_platform.http.route import SIGNED_IN, reads, service_router
from crm_platform.store import Aggregate
from crm_platform.words import Words

_ACTION = {
    "name": "action",
    "in": "query",
    "required": False,
    "description": "What is to be done.",
    "schema": {"type": "string", "enum": ["read", "write"], "default": "read"},
}

_USER = {
    "name": ABOUT_PARAMETER,
    "in": "query",
    "required": False,
    "description": f"Whom the question is about, if not the caller; needs the scope `{ABOUT_SCOPE}`. "
    "Of records that the caller does not see nothing is told.",
    "schema": {"type": "string", "format": "uuid"},
}


class AccessStep(BaseModel):
    """One rule, and what it says."""

    rule: Literal["account", "scope", "visibility", "pool"]
    allows: bool
    why: str = Field(
        description="The scope; or how the record is seen: `own`, `own_team`, `team_below`, `pool`, `all` …"
    )


class AccessFields(BaseModel):
    """What is left of single members."""

    hidden_by_pool: list[str]
    rules: dict[str, FieldLevel]


class Access(BaseModel):
    """What somebody may do with a record, and why."""

    action: Literal["read", "write"]
    allowed: bool
    stopped_by: str | None = Field(description="The first rule that does not allow it.")
    steps: list[AccessStep]
    fields: AccessFields


def access_router(
    aggregate: Aggregate[Any], scopes: str, view: View | None = None, *, id_name: str | None = None
) -> APIRouter:
    """``access/explain`` under each record of an aggregate.

    Args:
        aggregate: Whose records.
        scopes: The noun of their scopes, such as `customers`.
        view: How a caller sees the records, where that depends on the caller.
        id_name: What paths of the records call their id, where that is not the aggregate's name with `_id`.
    """
    seen = view or (lambda _: aggregate.resource)
    name = id_name or f"{aggregate.name}_id"
    router = service_router(aggregate.resource.name.replace("-", " ").capitalize())
    options = reads(SIGNED_IN)
    options["openapi_extra"]["parameters"] = [_ACTION, _USER]
    options["responses"] = {403: {"description": ""}}  # about others not everybody may ask

    async def explain_access(record_id: UUID, request: Request, reader: ReaderDep) -> Response:
        """Show which rule lets you, or another user, read or write a record, or stops them."""
        action, question = _action(request), await asked(request, reader.caller)
        return listed(await explain(reader, seen, record_id, asked=question, noun=scopes, action=action))

    path = f"/{aggregate.resource.name}/{{{name}}}/access/explain"
    route = router.get(path, name=f"explain_{aggregate.name}_access", response_model=Access, **options)
    route(with_id(explain_access, name))
    return router


def _action(request: Request) -> Action:
    text = request.query_params.get("action", "read")
    if text == "read":
        return "read"
    if text == "write":
        return "write"
    raise InvalidParameter(parameter="action", message=Words("`read` or `write`", "应为 read 或 write"))
