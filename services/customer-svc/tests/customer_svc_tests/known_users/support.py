"""What the gateway tells of people and teams."""

from datetime import UTC, datetime
from uuid import UUID

from crm_contracts.identity.v1 import TeamSnapshot, UserSnapshot
from crm_platform.ids import new_id

_THEN = datetime(2026, 3, 1, tzinfo=UTC)


def person(
    name: str, email: str, *, id: UUID | None = None, team_id: UUID | None = None, active: bool = True, version: int = 1
) -> UserSnapshot:
    """Somebody who can sign in, or could."""
    return UserSnapshot(
        id=id or new_id(),
        version=version,
        created_at=_THEN,
        created_by="user:1",
        updated_at=_THEN,
        updated_by="user:1",
        email=email,
        name=name,
        team_id=team_id,
        roles=("sales",),
        language="zh",
        active=active,
    )


def team(name: str, *, id: UUID | None = None, version: int = 1) -> TeamSnapshot:
    """A team."""
    return TeamSnapshot(
        id=id or new_id(),
        version=version,
        created_at=_THEN,
        created_by="user:1",
        updated_at=_THEN,
        updated_by="user:1",
        name=name,
        parent_id=None,
        manager_id=None,
    )
