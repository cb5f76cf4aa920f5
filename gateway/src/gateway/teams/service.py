"""Use cases of teams."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from crm_contracts.identity.v1 import TeamCreated, TeamDeleted, TeamUpdated
from crm_platform.db import Connection
from crm_platform.http.batch import BatchMode, BatchStatus, Written
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from gateway.roles import service as roles
from gateway.teams import repository
from gateway.teams.domain import MAX_DEPTH, Team
from gateway.teams.errors import HierarchyTooDeep, TeamInUse, TeamLoop, TeamNameTaken, UnknownManager, UnknownParentTeam
from gateway.teams.models import TEAMS
from gateway.teams.schemas import TeamCreate, TeamUpdate
from gateway.text import name_key
from gateway.users import service as users


async def create_team(unit: UnitOfWork, body: TeamCreate) -> Rendered:
    """Set up a team.

    Raises:
        UnknownParentTeam: The team above does not exist.
        UnknownManager: The manager does not exist.
        TeamNameTaken: There is such a team already.
        HierarchyTooDeep: The tree would have too many levels.
    """
    team = Team(id=new_id(), **body.model_dump())
    await _check(unit.connection, team)
    try:
        return await unit.insert(TEAMS, team, TeamCreated)
    except asyncpg.UniqueViolationError as error:
        raise TeamNameTaken from error


async def update_team(unit: UnitOfWork, id: UUID, body: TeamUpdate, *, if_match: object) -> Rendered:
    """Rename a team, move it, or give it another manager.

    Raises:
        TeamLoop: It would become part of itself.
    """
    if "parent_id" in body.model_fields_set:
        # Before the row's lock: two moves that cross would each wait for what the other holds.
        await repository.lock_tree(unit.connection)
    before = await unit.load(TEAMS, id, if_match=if_match)
    return await _change(unit, before, body)


async def delete_team(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a team that nothing belongs to; records that were its keep its id, and are seen by their owners.

    Raises:
        TeamInUse: People, teams below or credentials belong to it.
    """
    before = await unit.load(TEAMS, id, if_match=if_match)
    try:
        await unit.delete(TEAMS, before, TeamDeleted)
    except asyncpg.ForeignKeyViolationError as error:
        raise TeamInUse from error


async def write_teams(unit: UnitOfWork, bodies: Sequence[TeamCreate], mode: BatchMode) -> list[Written]:
    """Set up teams, or with ``upsert`` bring those up to date that are at their place already."""
    return [await write_team(unit, body, mode) for body in bodies]


async def write_team(unit: UnitOfWork, body: TeamCreate, mode: BatchMode) -> Written:
    """Like :func:`write_teams`, for one."""
    if mode is BatchMode.UPSERT:
        place = (body.parent_id, name_key(body.name))
        known = (await repository.find_places(unit.connection, [place])).get(place)
        if known is not None:
            before = await unit.load(TEAMS, known, if_match=ANY_VERSION)
            rendered = await _change(unit, before, body)
            status = BatchStatus.UNCHANGED if rendered.version == before.version else BatchStatus.UPDATED
            return Written(status, known, rendered.version)
    rendered = await create_team(unit, body)
    return Written(BatchStatus.CREATED, rendered.id, rendered.version)


async def teams_of(connection: Connection, *, team_id: UUID | None, user_id: UUID | None = None) -> tuple[UUID, ...]:
    """The team and all below it, and where a person is meant also those that he or she manages; own team first."""
    if team_id is None and user_id is None:
        return ()
    return tuple(await repository.closure(connection, team_id=team_id, manager_id=user_id))


async def _change(unit: UnitOfWork, before: Team, body: TeamCreate | TeamUpdate) -> Rendered:
    after = before.with_(**changes_of(body))
    if (after.manager_id, after.parent_id) != (before.manager_id, before.parent_id):
        # Managers see the records of all teams below theirs.
        roles.check_team(unit.caller, before.id)
    await _check(unit.connection, after, before)
    try:
        return await unit.update(TEAMS, before, after, TeamUpdated)
    except asyncpg.UniqueViolationError as error:
        raise TeamNameTaken from error


async def _check(connection: Connection, team: Team, before: Team | None = None) -> None:
    """Refuse what does not fit; ``before`` is None for a new team."""
    if team.manager_id is not None and (before is None or team.manager_id != before.manager_id):
        missing = await users.find_missing(connection, [team.manager_id])
        if missing:
            raise UnknownManager(manager_id=team.manager_id)
    if team.parent_id is None or (before is not None and team.parent_id == before.parent_id):
        return
    await repository.lock_tree(connection)
    line = await repository.line_above(connection, team.parent_id)
    if not line:
        raise UnknownParentTeam(parent_id=team.parent_id)
    if team.id in line:
        raise TeamLoop(parent_id=team.parent_id)
    levels = 1 if before is None else await repository.height(connection, team.id)
    if len(line) + levels > MAX_DEPTH:
        raise HierarchyTooDeep(limit=MAX_DEPTH)
