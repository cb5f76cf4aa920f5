"""Use cases of saved views."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import asyncpg

from crm_contracts.saved_view.v1 import SavedViewCreated, SavedViewDeleted, SavedViewUpdated
from crm_platform.errors import AlreadyExists, FieldProblem, Forbidden, InvalidPayload, NotFound
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads.reader import Reader, Rendered, view_in
from crm_platform.reads.resource import Resource
from crm_platform.saved_views.domain import NOUN, SavedView
from crm_platform.saved_views.errors import NotYourView, SharedTooWidely
from crm_platform.saved_views.schemas import SavedViewCreate, SavedViewUpdate
from crm_platform.saved_views.tables import SAVED_VIEWS
from crm_platform.saved_views.use import problems
from crm_platform.uow import UnitOfWork


class Viewed(NamedTuple):
    """A list of which there are views."""

    scope: str
    resource: Resource


Lists = Mapping[str, Viewed]
"""The lists of a service by their names."""


async def create_view(unit: UnitOfWork, body: SavedViewCreate, lists: Lists) -> Rendered:
    """Save a view.

    Raises:
        Forbidden: The caller may not see the list at all.
        InvalidPayload: The list cannot do what the view says.
        SharedTooWidely: It is shared with more than the caller reaches.
        AlreadyExists: The caller has a view of this list with this name.
    """
    caller = unit.caller
    view = SavedView(id=new_id(), author_id=caller.id, author_team_id=caller.team_id, **dict(body))
    await _check(unit, view, lists)
    try:
        return await unit.insert(SAVED_VIEWS, view, SavedViewCreated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="name") from error


async def update_view(unit: UnitOfWork, id: UUID, body: SavedViewUpdate, lists: Lists, *, if_match: object) -> Rendered:
    """Change a view.

    Raises:
        NotFound: No such view, or not shared with the caller.
        NotYourView: It is somebody else's.
        PreconditionRequired: No version was given.
        VersionMismatch: The view has changed since.
    """
    before = await _load(unit, id, if_match=if_match)
    after = before.with_(**changes_of(body))
    await _check(unit, after, lists)
    try:
        return await unit.update(SAVED_VIEWS, before, after, SavedViewUpdated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="name") from error


async def delete_view(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a view; refusals are those of a change."""
    await unit.delete(SAVED_VIEWS, await _load(unit, id, if_match=if_match), SavedViewDeleted)


async def show_view(reader: Reader, id: UUID) -> Rendered:
    """A view.

    Raises:
        NotFound: No such view, or not shared with the caller.
    """
    shown = await reader.get(SAVED_VIEWS.resource, id)
    if not SavedView.model_validate_json(shown.body).is_seen_by(reader.caller):
        raise NotFound(what=NOUN, id=id)
    return shown


async def _load(unit: UnitOfWork, id: UUID, *, if_match: object) -> SavedView:
    found = await unit.find(SAVED_VIEWS, id)
    if found is None or not found.is_seen_by(unit.caller):
        raise NotFound(what=NOUN, id=id)
    if not found.is_kept_by(unit.caller):
        raise NotYourView
    return await unit.load(SAVED_VIEWS, id, if_match=if_match)


async def _check(unit: UnitOfWork, view: SavedView, lists: Lists) -> None:
    scope, resource = lists[view.resource]
    resource = await view_in(unit.connection, resource, unit.caller)
    if not unit.caller.may(scope):
        raise Forbidden(scope=scope)
    if not view.may_be_shared_by(unit.caller):
        raise SharedTooWidely(sharing=view.sharing.value)
    language = unit.caller.language
    found = [
        FieldProblem(f"/{part}", f"invalid_{part}", words.into(language)) for part, words in problems(view, resource)
    ]
    if found:
        raise InvalidPayload(count=len(found), errors=found)
