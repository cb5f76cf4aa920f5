"""People and teams are known here as the gateway tells of them, and their addresses to nobody who reads the tables."""

from crm_contracts.identity.v1 import TeamCreated, TeamDeleted, TeamUpdated, UserCreated, UserUpdated
from crm_platform.context import Caller, Cause
from crm_platform.db import Database
from crm_platform.events.wire import Record
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.uow import UnitOfWork
from customer_svc.known_teams import service as known_teams
from customer_svc.known_users import service as known_users
from customer_svc.known_users.domain import Person
from customer_svc_tests.known_users.support import person, team


async def test_people_are_found_by_address_name_and_id(service: RunningService, agent: Caller) -> None:
    before, other = person("王芳", "Wang.Fang@example.com"), person("李 强", "li@example.com")
    after = person("王 芳芳", "wff@example.com", id=before.id, team_id=other.id, active=False, version=2)
    told = [UserCreated(state=before), UserUpdated(state=after), UserUpdated(state=after), UserCreated(state=before)]
    for event in told:
        await deliver(service, event, tenant_id=agent.tenant_id)
    await deliver(service, UserUpdated(state=other), tenant_id=agent.tenant_id, snapshot=True)
    await deliver(service, UserCreated(state=person("外人", "wff@example.com")), tenant_id=caller().tenant_id)
    database: Database = service.app.state.runtime.database

    texts = {" WFF@example.com", "王芳芳", str(before.id), "wang.fang@example.com", "王芳", "李强", "li@example.com"}
    async with database.transaction(agent.tenant_id) as connection:
        unit = UnitOfWork(connection, agent, Cause(actor=agent.actor))
        found = await known_users.people_named(unit, texts)
        emails = await known_users.emails_of(connection, agent.tenant_id, {before.id, other.id, agent.id})
    kept = await service.sql("SELECT * FROM known_users WHERE tenant_id = $1", agent.tenant_id)

    gone, here = (Person(before.id, other.id, active=False),), (Person(other.id, None, active=True),)
    assert found == {
        **dict.fromkeys((" WFF@example.com", "王芳芳", str(before.id)), gone),
        **dict.fromkeys(("李强", "li@example.com"), here),
    }
    assert emails == {before.id: "wff@example.com", other.id: "li@example.com"}
    assert len(kept) == 2
    assert not any(b"example.com" in row["email_sealed"] for row in kept)


async def test_several_events_of_a_person_at_once_come_to_the_last(service: RunningService, agent: Caller) -> None:
    first = person("赵一", "zhao@example.com")
    events = [UserCreated(state=first), UserUpdated(state=person("赵二", "z2@example.com", id=first.id, version=2))]
    database: Database = service.app.state.runtime.database

    async with database.transaction(agent.tenant_id) as connection:
        unit = UnitOfWork(connection, agent, Cause(actor=agent.actor))
        record: Record = None  # type: ignore[assignment] # the handler reads events only
        await known_users.keep(unit, [(event, record) for event in events])
        found = await known_users.people_named(unit, {"赵一", "赵二"})

    assert {text: [one.id for one in people] for text, people in found.items()} == {"赵二": [first.id]}


async def test_teams_are_found_by_name_as_long_as_they_are_there(service: RunningService, agent: Caller) -> None:
    east, twin, gone = team("华东"), team("华东 "), team("撤销")
    east_now = team("华东一部", id=east.id, version=2)
    told = [TeamCreated(state=one) for one in (east, twin, gone)]
    for event in (*told, TeamUpdated(state=east_now), TeamDeleted(state=gone)):
        await deliver(service, event, tenant_id=agent.tenant_id)
    more = team("华东一部")
    database: Database = service.app.state.runtime.database

    async with database.transaction(agent.tenant_id) as connection:
        unit = UnitOfWork(connection, agent, Cause(actor=agent.actor))
        found = await known_teams.teams_named(unit, {"华东", "华东一部", "撤销", str(twin.id)})
        names = await known_teams.unique_names_of(connection, {east.id, twin.id, gone.id})
    await deliver(service, TeamCreated(state=more), tenant_id=agent.tenant_id)
    async with database.read(agent.tenant_id) as connection:
        shared = await known_teams.unique_names_of(connection, {east.id, twin.id, more.id})

    assert found == {"华东": (twin.id,), "华东一部": (east.id,), str(twin.id): (twin.id,)}
    assert names == {east.id: "华东一部", twin.id: "华东 "}
    assert shared == {twin.id: "华东 "}
