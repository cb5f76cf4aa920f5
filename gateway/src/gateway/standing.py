"""What a caller may do at this moment; a token only tells what it was when the token was made."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from crm_platform.access.about import ABOUT_SCOPE
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.errors import Forbidden, NotFound, Unauthenticated
from crm_platform.words import Words
from gateway.credentials import service as credentials
from gateway.roles import service as roles
from gateway.scopes import narrowest
from gateway.teams import service as teams
from gateway.users import service as users
from gateway.users.service import User

_INACTIVE = Words("the account is inactive", "账号已停用")
_WITHDRAWN = Words("the credential is expired or revoked", "凭据已过期或已吊销")


async def caller_of(connection: Connection, tenant_id: UUID, user: User) -> Caller:
    """What a user may do."""
    rights = await roles.rights_of(connection, user.roles)
    team_ids = await teams.teams_of(connection, team_id=user.team_id, user_id=user.id)
    # Whoever sees everything needs no list of what that is; it would only make every request longer.
    shown = team_ids if rights.visibility != "all" else tuple(id for id in team_ids if id == user.team_id)
    return Caller(
        id=user.id,
        tenant_id=tenant_id,
        kind="user",
        scopes=rights.scopes,
        visibility=rights.visibility,
        team_ids=shown,
        language=user.language,
        name=user.name,
        fields=rights.fields,
    )


async def standing_of(connection: Connection, caller: Caller) -> Caller:
    """The caller with what is left of the rights that the token names; nothing is added to them.

    Raises:
        Unauthenticated: The account is inactive by now, or the credential is of no use any more.
    """
    if caller.kind == "user":
        user = await users.find_user(connection, caller.id)
        if user is None or not user.active:
            raise Unauthenticated(why=_INACTIVE)
        return _common(caller, await caller_of(connection, caller.tenant_id, user))
    credential = await credentials.find_usable(connection, caller.id)
    if credential is None:
        raise Unauthenticated(why=_WITHDRAWN)
    return replace(caller, expires_at=credential.expires_at.timestamp() if credential.expires_at else 0.0)


async def rights_of_another(connection: Connection, asker: Caller, user_id: UUID) -> tuple[Caller, bool]:
    """What another user may do at this moment, and whether the account is active, for whoever may know that.

    Raises:
        Unauthenticated: The asker's account is inactive by now, or the credential is of no use any more.
        Forbidden: The asker may not ask about others (any more).
        BeyondOwnRights: The user belongs to a team whose records the asker does not see.
        NotFound: There is no such user.
    """
    present = await standing_of(connection, asker)
    if not present.may(ABOUT_SCOPE):
        raise Forbidden(scope=ABOUT_SCOPE)
    user = await users.find_user(connection, user_id)
    if user is None:
        raise NotFound(what=users.NOUN, id=user_id)
    roles.check_team(present, user.team_id)
    return await caller_of(connection, asker.tenant_id, user), user.active


def _common(token: Caller, present: Caller) -> Caller:
    scopes = frozenset(scope for scope in token.scopes | present.scopes if token.may(scope) and present.may(scope))
    visibility = narrowest((token.visibility, present.visibility))
    return replace(token, scopes=scopes, visibility=visibility, team_ids=_teams(token, present))


def _teams(token: Caller, present: Caller) -> tuple[UUID, ...]:
    """Teams that both know of; whoever sees all records knows of no more than the own one."""
    if present.visibility == "all":
        return token.team_ids
    return present.team_ids if token.visibility == "all" else _both(token.team_ids, present.team_ids)


def _both(left: Iterable[UUID], right: Iterable[UUID]) -> tuple[UUID, ...]:
    known = set(right)
    return tuple(id for id in left if id in known)
