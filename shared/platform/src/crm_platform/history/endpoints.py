"""The routes of a record's history, the same for every aggregate."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from inspect import Parameter, signature
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.custom_fields.columns import CUSTOM
from crm_platform.errors import InvalidParameter
from crm_platform.history.changes import CHANGES, changes
from crm_platform.history.past import as_of
from crm_platform.history.verification import verification
from crm_platform.http.dependencies import ReaderDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import listed, shown
from crm_platform.http.route import reads, service_router
from crm_platform.reads.resource import Resource
from crm_platform.store import Aggregate
from crm_platform.words import Words

View = Callable[[Caller], Resource]
"""How a caller sees the records; see :func:`crm_platform.reads.veil.veiled`."""

_Endpoint = Callable[..., Awaitable[Response]]
_AT = "RFC 3339 with zone, such as `2026-03-01T08:00:00Z`. Without it, now."
_PLUS = re.compile(r" (?=\d\d:?\d\d$)")
"""What a `+` before the zone becomes in a query where it is not spelled `%2B`."""


class Change(BaseModel):
    """What became of one member."""

    model_config = ConfigDict(populate_by_name=True)

    member: str
    from_: Any = Field(alias="from", description="Before; null too where there was none.")
    to: Any = Field(description="After.")
    withheld: Literal["erased", "hidden", "masked", "unreadable"] | None = Field(
        description="Why the values are not shown: the personal data is erased, the caller may not see it (or only "
        "in part), or what was sealed cannot be opened."
    )


class Entry(BaseModel):
    """One change of a record."""

    version: int = Field(description="The version that it made.")
    at: datetime
    action: str = Field(description="The event that told of it.")
    actor: str
    reason: str | None
    correlation_id: UUID
    system: str | None = Field(
        description="Through which system it came: `crm`, `erp` …; null where nobody wrote it down."
    )
    changes: list[Change] = Field(description="In the order of the record; of a new record what it was entered with.")


class VerificationFinding(BaseModel):
    """Something that is not as it was sealed."""

    kind: Literal["changed", "removed", "reordered", "record"]
    version: int
    detail: str


class Verification(BaseModel):
    """What a check of a record's trail found."""

    sound: bool
    entries: int
    sealed: int = Field(description="How many are in the chain, and checked against their hashes.")
    unsealed: int = Field(description="How many are too new for it: they are sealed within seconds.")
    version: int = Field(description="The last version that the trail tells of.")
    findings: list[VerificationFinding]


def history_router(
    aggregate: Aggregate[Any], scope: str, model: type[BaseModel], view: View | None = None
) -> APIRouter:
    """The routes of one aggregate: ``history``, ``history/verification`` and ``as-of`` under each record.

    Args:
        aggregate: Whose history.
        scope: What callers must hold.
        model: What a record looks like.
        view: How a caller sees the records, where that depends on the caller.
    """
    seen = view or (lambda _: aggregate.resource)
    noun = aggregate.name
    one = f"/{aggregate.resource.name}/{{{noun}_id}}"
    router = service_router(aggregate.resource.name.replace("-", " ").capitalize())

    def add(path: str, name: str, shows: Any, options: dict[str, Any], endpoint: _Endpoint) -> None:
        route = router.get(f"{one}/{path}", name=name, response_model=shows, **options)
        route(with_id(endpoint, f"{noun}_id"))

    async def get_history(record_id: UUID, request: Request, reader: ReaderDep) -> Response:
        """Show who changed what of a record, when, why, and through which system."""
        params, member = page_params(request, CHANGES), _member(request, aggregate)
        return listed(await changes(reader, aggregate, seen(reader.caller), record_id, params, member=member))

    async def verify_history(record_id: UUID, reader: ReaderDep) -> Response:
        """Check that the history of a record is the one that was sealed, and the record what it tells."""
        return listed(await verification(reader, aggregate, seen(reader.caller), record_id))

    async def show_as_of(record_id: UUID, request: Request, reader: ReaderDep) -> Response:
        """Show a record as it was at a moment."""
        past = await as_of(reader, aggregate, seen(reader.caller), record_id, _moment(request))
        return shown(request, past)

    add("history", f"list_{noun}_history", Page[Entry], _list_options(scope), get_history)
    add("history/verification", f"verify_{noun}_history", Verification, reads(scope), verify_history)
    add("as-of", f"show_{noun}_as_of", model, _with_parameter(reads(scope), "at", _AT, "date-time"), show_as_of)
    return router


def _list_options(scope: str) -> dict[str, Any]:
    options = reads(scope, lists=CHANGES)
    extra = options["openapi_extra"]
    extra["parameters"] = [one for one in extra["parameters"] if one["name"] != "fields"]
    return _with_parameter(options, "member", "Only changes of this member, and the beginning of the record.")


def _with_parameter(options: dict[str, Any], name: str, description: str, format: str | None = None) -> dict[str, Any]:
    schema = {"type": "string"} | ({"format": format} if format else {})
    parameter = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
    extra = options["openapi_extra"]
    extra["parameters"] = [*extra.get("parameters", ()), parameter]
    return options


def with_id(endpoint: _Endpoint, name: str) -> _Endpoint:
    """``endpoint``, whose ``record_id`` is called ``name``: paths of one resource name their id alike."""

    async def called(**values: Any) -> Response:
        return await endpoint(record_id=values.pop(name), **values)

    parameters = [
        one.replace(name=name, kind=Parameter.KEYWORD_ONLY)
        if one.name == "record_id"
        else one.replace(kind=Parameter.KEYWORD_ONLY)
        for one in signature(endpoint).parameters.values()
    ]
    called.__signature__ = signature(endpoint).replace(parameters=parameters)  # type: ignore[attr-defined]
    called.__doc__ = endpoint.__doc__
    return called


_KEY = re.compile(rf"{CUSTOM}\.[a-z][a-z0-9_]{{0,39}}")


def _member(request: Request, aggregate: Aggregate[Any]) -> str | None:
    name = request.query_params.get("member")
    known = aggregate.spec.state.model_fields
    if name is not None and name not in known and not (CUSTOM in known and _KEY.fullmatch(name)):
        listed_ = ", ".join(known)
        message = Words(f"there is no member `{name}`; known ones: {listed_}", f"没有字段“{name}”；可用：{listed_}")
        raise InvalidParameter(parameter="member", message=message)
    return name


def _moment(request: Request) -> datetime:
    """The moment that is asked for.

    Raises:
        InvalidParameter: It is none, or has not come yet: nobody knows what will be.
    """
    text = request.query_params.get("at")
    now = utc_now()
    if text is None:
        return now
    try:
        moment = datetime.fromisoformat(_PLUS.sub("+", text))
        if moment.tzinfo is None:
            raise ValueError(text)  # noqa: TRY301  (every way to be wrong ends in the one refusal below)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = Words(f"not a point in time: {_AT}", "不是带时区的时间，例如 2026-03-01T08:00:00Z")
        raise InvalidParameter(parameter="at", message=message) from error
    if moment > now:
        raise InvalidParameter(parameter="at", message=Words("it has not come yet", "该时间尚未到来"))
    return moment
