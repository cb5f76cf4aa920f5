"""Ids of records that another one stands for now: whoever asks for the old one is shown the way to the new one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.requests import Request

from crm_platform.errors import DomainError, NotFound
from crm_platform.following import Successors
from crm_platform.http.context import context_of
from crm_platform.runtime import runtime_of

Redirects = Mapping[str, Successors]
"""By the name of a path parameter, who stands for the ids in it."""

REDIRECTS = "redirects"
"""Where an app keeps them, in its state."""


class Moved(DomainError):
    """The record was merged into another one, which answers in its place.

    The method stays: repeat the request at `Location`. The member `moved_to` is the id of that record.
    """

    status, code = 308, "moved"
    title, title_zh = "Moved", "已合并"
    en = "The record {old_id} was merged into {new_id}, which answers in its place."
    zh = "记录 {old_id} 已合并到 {new_id}，请访问后者。"

    def members(self, language: str) -> Mapping[str, Any]:  # noqa: ARG002
        """The id to go on with."""
        return {"moved_to": str(self.values["new_id"])}


async def moved_or(error: NotFound, request: Request) -> DomainError:
    """Where to go on, if the path names a record that another one stands for; else ``error``."""
    redirects: Redirects = getattr(request.app.state, REDIRECTS, {})
    caller = context_of(request).caller
    for name, successors in redirects.items():
        old_id = _id(request.path_params.get(name))
        if old_id is None or caller is None:
            continue
        async with runtime_of(request).database.read(caller.tenant_id) as connection:
            new_id = await successors.look_up(connection, old_id)
        if new_id is not None:
            return Moved(old_id=old_id, new_id=new_id, headers={"location": _location(request, new_id, name)})
    return error


def _location(request: Request, new_id: UUID, name: str) -> str:
    path = request.url.path.replace(str(request.path_params[name]), str(new_id), 1)
    return f"{path}?{request.url.query}" if request.url.query else path


def _id(value: Any) -> UUID | None:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        return None
