"""Everything happens twice at once, and is undone half way."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson
import pytest

from crm_platform.context import Caller, Cause
from crm_platform.db.database import Savepoint
from crm_platform.history.trail import OpenTrail
from crm_platform.ids import new_id
from crm_platform.sealing.subjects import destroy_key
from crm_platform.testing.plugin import RunningService
from crm_platform.uow import ANY_VERSION, UnitOfWork
from platform_tests.sealing.people import (
    NOTES,
    PEOPLE,
    PEOPLE_KEYS,
    Note,
    NoteTaken,
    Person,
    PersonChanged,
    PersonEntered,
    PersonRemoved,
)
from platform_tests.sealing.test_records import enter

SIDES = ("before", "after")


def unit_of(connection: Any, agent: Caller) -> UnitOfWork:
    return UnitOfWork(connection, agent, Cause(actor=agent.actor))


async def test_two_who_write_about_a_new_subject_use_one_key(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    subject = new_id()

    made = await asyncio.gather(
        *(client.post(f"/v1/people/{subject}/notes", json={"title": str(n), "text": f"t{n}"}) for n in range(8))
    )

    assert [note.status_code for note in made] == [201] * 8
    listed = (await client.get("/v1/notes")).json()["items"]
    assert {note["title"]: note["text"] for note in listed} == {str(n): f"t{n}" for n in range(8)}
    assert await service.sql("SELECT count(*) FROM subject_keys") == [(1,)]


async def test_of_changes_of_one_version_one_wins(client: httpx.AsyncClient, service: RunningService) -> None:
    record = await enter(client, 1)

    answers = await asyncio.gather(
        *(
            client.patch(f"/v1/people/{record['id']}", json={"phone": str(n)}, headers={"if-match": '"1"'})
            for n in range(6)
        )
    )

    winners = [answer for answer in answers if answer.status_code == 200]
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]
    assert (await client.get(f"/v1/people/{record['id']}")).json() == winners[0].json()
    assert await service.sql("SELECT version FROM outbox ORDER BY version") == [(1,), (2,)]


async def test_a_batch_is_sealed_record_by_record(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    people = [Person(id=new_id(), name=f"n{n}", phone=f"p{n}") for n in range(3)]
    async with service.app.state.runtime.database.transaction(agent.tenant_id) as connection:
        unit = unit_of(connection, agent)
        written = await unit.insert_many(PEOPLE, people, PersonEntered)
        changes = [(one, one.with_(phone=f"{one.phone}!", city_code="1")) for one in written[:2]]
        await unit.update_many(PEOPLE, changes, PersonChanged)
        notes = [Note(id=new_id(), person_id=one.id, title="t", text=one.phone) for one in people for _ in range(2)]
        await unit.insert_many(NOTES, notes, NoteTaken)
        found = await unit.find_many(PEOPLE, [one.id for one in people])

    assert {one.name: one.phone for one in found.values()} == {"n0": "p0!", "n1": "p1!", "n2": "p2"}
    shown = (await client.get("/v1/people", params={"fields": "name,phone", "sort": "name"})).json()["items"]
    assert [one["phone"] for one in shown] == ["p0!", "p1!", "p2"]
    texts = [one["text"] for one in (await client.get("/v1/notes")).json()["items"]]
    assert sorted(texts) == ["p0", "p0", "p1", "p1", "p2", "p2"]
    assert await service.sql("SELECT count(*) FROM subject_keys") == [(3,)]


async def test_a_key_of_an_undone_savepoint_is_not_used_any_more(service: RunningService, agent: Caller) -> None:
    """Otherwise what is written after it would be sealed under a key that nobody has."""
    subject = new_id()
    database = service.app.state.runtime.database
    async with database.transaction(agent.tenant_id) as connection:
        unit = unit_of(connection, agent)
        with pytest.raises(ValueError, match="undo"):
            async with Savepoint(connection):
                await unit.insert(NOTES, Note(id=new_id(), person_id=subject, title="1", text="lost"), NoteTaken)
                raise ValueError("undo")
        kept = Note(id=new_id(), person_id=subject, title="2", text="kept")
        await unit.insert(NOTES, kept, NoteTaken)

    async with database.transaction(agent.tenant_id) as connection:
        loaded = await unit_of(connection, agent).load(NOTES, kept.id, if_match=ANY_VERSION)
    assert (loaded.title, loaded.text) == ("2", "kept")
    assert await service.sql("SELECT title FROM notes") == [("2",)]


async def test_a_new_person_of_an_undone_savepoint_is_written_with_its_key(
    service: RunningService, agent: Caller
) -> None:
    person = Person(id=new_id(), name="n", phone="p")
    database = service.app.state.runtime.database
    async with database.transaction(agent.tenant_id) as connection:
        unit = unit_of(connection, agent)
        with pytest.raises(ValueError, match="undo"):
            async with Savepoint(connection):
                await unit.insert(PEOPLE, person, PersonEntered)
                raise ValueError("undo")
        await unit.insert(PEOPLE, person, PersonEntered)

    async with database.transaction(agent.tenant_id) as connection:
        assert (await unit_of(connection, agent).load(PEOPLE, person.id, if_match=ANY_VERSION)).phone == "p"


async def test_a_restored_record_goes_on_under_the_key_that_it_had(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client, 1)
    keys = await service.sql("SELECT * FROM subject_keys")
    database, id = service.app.state.runtime.database, UUID(record["id"])
    async with database.transaction(agent.tenant_id) as connection:
        unit = unit_of(connection, agent)
        before = await unit.load(PEOPLE, id, if_match=ANY_VERSION)
        await unit.delete(PEOPLE, before, PersonRemoved)

    async with database.transaction(agent.tenant_id) as connection:
        last = before.with_(version=2, emails=("A@b.example",))
        restored = await unit_of(connection, agent).insert(PEOPLE, last, PersonEntered, restored=True)

    shown = (await client.get(f"/v1/people/{record['id']}")).json()
    assert orjson.loads(restored.body) == shown
    assert shown == {**record, "version": 3, "emails": ["A@b.example"], "updated_at": shown["updated_at"]}
    assert await service.sql("SELECT * FROM subject_keys") == keys
    assert await service.sql("SELECT version FROM outbox ORDER BY id") == [(1,), (2,), (3,)]
    async with database.transaction(agent.tenant_id) as connection:
        assert await PEOPLE_KEYS.find(connection, agent.tenant_id, "email", "a@b.example") == [id]


async def test_a_forgotten_key_of_a_record_that_was_there_is_no_silent_loss(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client, 1)
    await client.delete(f"/v1/people/{record['id']}", headers={"if-match": '"1"'})
    await service.sql("DELETE FROM outbox")

    with pytest.raises(asyncpg.UniqueViolationError, match="pk_subject_keys"):
        async with service.app.state.runtime.database.transaction(agent.tenant_id) as connection:
            person = Person(id=UUID(record["id"]), name="n", phone="p")
            await unit_of(connection, agent).insert(PEOPLE, person, PersonEntered)


async def test_a_record_of_another_person_is_sealed_anew_and_only_what_changed_is_on_record(
    service: RunningService, agent: Caller
) -> None:
    note = Note(id=new_id(), person_id=new_id(), title="1", text="秘密")
    moved, database = new_id(), service.app.state.runtime.database
    async with database.transaction(agent.tenant_id) as connection:
        await unit_of(connection, agent).insert(NOTES, note, NoteTaken)
    (before,) = await service.sql("SELECT sealed FROM notes")
    async with database.transaction(agent.tenant_id) as connection:
        unit = unit_of(connection, agent)
        stored = await unit.load(NOTES, note.id, if_match=1)
        await unit.update(NOTES, stored, stored.with_(person_id=moved), NoteTaken)

    async with database.transaction(agent.tenant_id) as connection:
        loaded = await unit_of(connection, agent).load(NOTES, note.id, if_match=2)
        entry = await connection.fetchrow("SELECT before, after FROM audit_entries WHERE version = 2")
    assert (loaded.person_id, loaded.text) == (moved, "秘密")
    assert await service.sql("SELECT sealed FROM notes") != [before]
    assert entry["before"] == {"person_id": str(note.person_id)}
    assert "sealed" not in entry["after"]
    assert entry["after"]["person_id"] == str(moved)


async def test_each_side_of_an_entry_is_sealed_for_whom_it_is_about(service: RunningService, agent: Caller) -> None:
    note = Note(id=new_id(), person_id=new_id(), title="1", text="before")
    moved, database = new_id(), service.app.state.runtime.database
    async with database.transaction(agent.tenant_id) as connection:
        await unit_of(connection, agent).insert(NOTES, note, NoteTaken)
    async with database.transaction(agent.tenant_id) as connection:
        unit = unit_of(connection, agent)
        stored = await unit.load(NOTES, note.id, if_match=1)
        await unit.update(NOTES, stored, stored.with_(person_id=moved, text="after"), NoteTaken)

    async with database.transaction(agent.tenant_id) as connection:
        entry = await connection.fetchrow("SELECT entry_id, before, after FROM audit_entries WHERE version = 2")
        trail = await OpenTrail.of(connection, agent.tenant_id, [entry])
        sides = {side: (entry[side]["sealed"]["subject_id"], trail.side(entry, side).values) for side in SIDES}
        await destroy_key(connection, note.person_id, at=unit.now)
        trail = await OpenTrail.of(connection, agent.tenant_id, [entry])
        left = [trail.side(entry, side).values for side in SIDES]

    assert sides == {
        "before": (str(note.person_id), {"text": "before"}),
        "after": (str(moved), {"text": "after"}),
    }
    assert left == [None, {"text": "after"}]
