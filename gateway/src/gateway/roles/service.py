"""Use cases of roles."""

from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

import asyncpg

from crm_contracts.identity.v1 import RoleCreated, RoleDeleted, RoleUpdated
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from gateway.roles import repository
from gateway.roles.domain import ADMIN, BUILT_IN, Rights, Role
from gateway.roles.errors import BeyondOwnRights, RoleInUse, RoleNameTaken, UnknownMember, UnknownRole, UnknownScope
from gateway.roles.members import beyond_fields, unknown_members
from gateway.roles.models import ROLES
from gateway.roles.schemas import RoleCreate, RoleUpdate
from gateway.scopes import beyond, unknown, wider

CountHolders = Callable[[Connection, str], Awaitable[int]]
"""How many users have the role of this name; users know roles, not the other way round."""


async def create_role(unit: UnitOfWork, body: RoleCreate) -> Rendered:
    """Define a role.

    Raises:
        RoleNameTaken: There is such a role already.
        UnknownScope: A scope does not exist.
        UnknownMember: A member does not exist.
        BeyondOwnRights: The role would allow what its author may not.
    """
    if body.name in BUILT_IN:
        raise RoleNameTaken(name=body.name)
    role = Role(id=new_id(), **(dict(body) | {"scopes": _tidy(body.scopes)}))
    _check(role)
    check_within(unit.caller, role.rights)
    try:
        return await unit.insert(ROLES, role, RoleCreated)
    except asyncpg.UniqueViolationError as error:
        raise RoleNameTaken(name=body.name) from error


async def update_role(unit: UnitOfWork, id: UUID, body: RoleUpdate, *, if_match: object) -> Rendered:
    """Change what a role allows; whoever has it gets the new rights with the next token.

    Raises:
        UnknownScope: A scope does not exist.
        BeyondOwnRights: The role allows, or would allow, what the caller may not.
    """
    before = await unit.load(ROLES, id, if_match=if_match)
    after = before.with_(**changes_of(body))
    after = after.with_(scopes=_tidy(after.scopes))
    _check(after)
    for role in (before, after):
        check_within(unit.caller, role.rights)
    return await unit.update(ROLES, before, after, RoleUpdated)


async def delete_role(unit: UnitOfWork, id: UUID, count_holders: CountHolders, *, if_match: object) -> None:
    """Remove a role that nobody has.

    Raises:
        RoleInUse: Somebody has it, who may be inactive.
        BeyondOwnRights: The role allows what the caller may not.
    """
    before = await unit.load(ROLES, id, if_match=if_match)
    check_within(unit.caller, before.rights)
    await unit.delete(ROLES, before, RoleDeleted)
    # Counted afterwards: the removal has waited for whoever was handing the role out.
    if count := await count_holders(unit.connection, before.name):
        raise RoleInUse(count=count)


async def rights_of(connection: Connection, names: Iterable[str], *, strict: bool = False) -> Rights:
    """What the roles of these names allow together; if ``strict`` they also stay until the transaction ends.

    Raises:
        UnknownRole: A role does not exist; only if ``strict``.
    """
    wanted = set(names)
    known = {name: Rights(BUILT_IN[name].scopes, BUILT_IN[name].visibility) for name in wanted & BUILT_IN.keys()}
    own = wanted - BUILT_IN.keys()
    if own:
        known |= await repository.rights(connection, sorted(own), hold=strict)
    missing = wanted - known.keys()
    if strict and missing:
        raise UnknownRole(roles=", ".join(sorted(missing)))
    return Rights.union(known.values())


def check_scopes(scopes: Iterable[str]) -> None:
    """Refuse scopes that do not exist.

    Raises:
        UnknownScope: Names them.
    """
    strange = unknown(scopes)
    if strange:
        raise UnknownScope(scopes=", ".join(strange))


def check_within(caller: Caller, rights: Rights) -> None:
    """Refuse to let ``caller`` hand out, or lay hands on, more than the caller has.

    Raises:
        BeyondOwnRights: Names what is missing.
    """
    missing = beyond(caller, rights.scopes)
    if wider(rights.visibility, caller.visibility):
        missing.append(f"visibility {rights.visibility}")
    missing += beyond_fields(caller, rights)
    if missing:
        raise BeyondOwnRights(missing=", ".join(missing))


def check_team(caller: Caller, team_id: UUID | None) -> None:
    """Refuse to let ``caller`` lay hands on a team whose records the caller does not see.

    Raises:
        BeyondOwnRights: It is none of the caller's teams.
    """
    if team_id is not None and caller.visibility != "all" and team_id not in caller.team_ids:
        raise BeyondOwnRights(missing=f"team {team_id}")


def _check(role: Role) -> None:
    check_scopes(role.scopes)
    strange = unknown_members(role.fields)
    if strange:
        raise UnknownMember(members=", ".join(strange))


def _tidy(scopes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(scopes)))


__all__ = [
    "ADMIN",
    "BeyondOwnRights",
    "Rights",
    "check_scopes",
    "check_team",
    "check_within",
    "create_role",
    "delete_role",
    "rights_of",
    "update_role",
]
