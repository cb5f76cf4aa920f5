"""The teams that people are in, as the gateway tells of them, in the heat map."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.identity.v1 import (
    TeamCreated,
    TeamDeleted,
    TeamSnapshot,
    UserCreated,
    UserSnapshot,
    UserUpdated,
)
from crm_platform.ids import new_id
from crm_platform.testing.plugin import deliver
from project_svc_tests.capacity.test_capacity import SPAN, person, shown, wanted_twice
from project_svc_tests.plan.support import Planner
from project_svc_tests.portfolio.test_portfolio import posted

NOW = datetime(2026, 3, 2, tzinfo=UTC)
WRITTEN: dict[str, Any] = {"created_at": NOW, "created_by": "t", "updated_at": NOW, "updated_by": "t"}


def a_team(id: str, name: str, version: int = 1) -> TeamSnapshot:
    return TeamSnapshot(id=UUID(id), name=name, parent_id=None, manager_id=None, **WRITTEN, version=version)


def a_user(id: UUID, team_id: str, version: int = 1) -> UserSnapshot:
    about = {"email": "a@example.com", "name": "A", "roles": (), "language": "zh", "active": True}
    return UserSnapshot(id=id, team_id=UUID(team_id), **about, **WRITTEN, version=version)


async def heard(planner: Planner, *events: DomainEvent[Any]) -> None:
    for event in events:
        await deliver(planner.service, event, tenant_id=planner.who.tenant_id)


async def team(planner: Planner, name: str, *users: UUID) -> str:
    """A team with users in it, as the gateway tells; without a name nothing is heard of the team itself."""
    id = str(new_id())
    if name:
        await heard(planner, TeamCreated(state=a_team(id, name)))
    await heard(planner, *(UserCreated(state=a_user(user, id)) for user in users))
    return id


async def test_teams_put_the_people_together_who_are_in_them_as_users(planner: Planner) -> None:
    fang, _ = await wanted_twice(planner)
    lei, mei = new_id(), new_id()
    await person(planner, "李雷", user_id=str(lei))
    await person(planner, "韩梅", user_id=str(mei))
    await posted(planner.api, "resources", name="吊车", kind="equipment")
    field = await team(planner, "实施一组", planner.who.id, lei)
    unheard = await team(planner, "", mei)

    rows = (await shown(planner.api, by="team"))["rows"]
    by_person = {row["resource_id"]: row["team_id"] for row in (await shown(planner.api))["rows"]}
    chart = await planner.api.get("/v1/portfolio/capacity-chart", params=SPAN | {"by": "team"})

    assert [(row["team_id"], row["name"], row["resources"], row["kind"]) for row in rows] == [
        (unheard, None, 1, None),
        (field, "实施一组", 2, None),
        (None, None, 1, None),
    ]
    cells = [(one["capacity"], one["demand"], one["over"], one["people_over"]) for one in rows[1]["cells"]]
    assert cells == [(80, 20, 0, 0), (80, 60, 20, 1), (80, 0, 0, 0)]
    assert by_person[fang] == field
    assert sorted(by_person.values(), key=str) == sorted([field, field, unheard, None], key=str)
    assert all(name in chart.text for name in ("实施一组", "unknown team", "without a team"))


async def test_who_moves_is_in_the_other_team_and_a_team_that_is_gone_has_no_name(planner: Planner) -> None:
    await person(planner, "王芳", user_id=str(planner.who.id))
    old, new = await team(planner, "实施一组", planner.who.id), await team(planner, "实施二组")

    async def teams() -> list[tuple[str, str | None]]:
        return [(row["team_id"], row["name"]) for row in (await shown(planner.api, by="team"))["rows"]]

    before = await teams()
    moved, late = a_user(planner.who.id, new, 2), a_user(planner.who.id, old)
    await heard(planner, UserUpdated(state=moved, changed=("team_id",)), UserCreated(state=late))
    after = await teams()
    await heard(planner, TeamDeleted(state=a_team(new, "实施二组", 2)))

    assert (before, after, await teams()) == ([(old, "实施一组")], [(new, "实施二组")], [(new, None)])
