"""A request for access: asked once, waited for by name, given to whoever asked, gone when its time or the person is."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_platform.context import Caller, Cause, system_caller
from crm_platform.db import Database
from crm_platform.ids import new_id
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from crm_platform.uow import UnitOfWork
from customer_svc.disclosures import repository as disclosures
from customer_svc.subject_access import service as subject_access
from customer_svc_tests.subject_access.support import OTHERS, Desk, bundle_of, unpacked


async def as_worker(service: RunningService, tenant: UUID, work: Any) -> Any:
    """Do what a sweep does, in a transaction."""
    database: Database = service.app.state.runtime.database
    async with database.transaction(tenant) as connection:
        who = system_caller(tenant, service.service.name)
        return await work(UnitOfWork(connection, who, Cause(actor=who.actor, correlation_id=new_id())))


async def test_services_are_waited_for_by_name(client: httpx.AsyncClient, desk: Desk) -> None:
    who = await desk.person(client)
    made = await desk.asked(client, who["id"])
    path = f"/v1/subject-access-requests/{made['id']}"

    assert (made["status"], made["overdue"], made["version"]) == ("running", False, 1)
    assert [one["service"] for one in made["parts"]] == ["customer-svc", *OTHERS]
    await desk.own_answer(made)
    await desk.answered(made, *OTHERS[:-1])
    waiting = (await client.get(path)).json()
    assert [one["service"] for one in waiting["parts"] if one["done_at"] is None] == [OTHERS[-1]]
    await desk.answered(made, OTHERS[-1])

    done = (await client.get(path)).json()
    assert (done["status"], done["version"]) == ("ready", 6)
    assert done["parts"][1]["records"] == [{"record": "ticket", "told": 1, "left_out": 0, "withheld": None}]
    assert await desk.told() == [
        "subject_access.requested",
        *["subject_access.answered"] * 4,
        "subject_access.ready",
    ]


async def test_asked_twice_at_once_there_is_one(client: httpx.AsyncClient, desk: Desk) -> None:
    who = await desk.person(client)

    answers = await asyncio.gather(*(desk.ask(client, who["id"]) for _ in range(4)))

    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"asked_already"}
    assert await desk.told() == ["subject_access.requested"]


async def test_a_bundle_is_for_who_asked_and_goes_on_record(
    client: httpx.AsyncClient, desk: Desk, service: RunningService
) -> None:
    who = await desk.person(client)
    request = await desk.ready(client, who["id"])
    async with service.as_(colleague(desk.agent)) as other, service.as_(caller()) as stranger:
        refused = [await one.get(bundle_of(request)) for one in (other, stranger)]
    assert [(one.status_code, one.json()["code"]) for one in refused] == [
        (403, "bundle_of_another"),
        (404, "not_found"),
    ]

    first, second = [unpacked(await client.get(bundle_of(request))) for _ in range(2)]

    assert first.keys() == second.keys()
    notes = await service.sql(
        "SELECT actor, action FROM audit_entries WHERE aggregate_id = $1 AND version = 0", UUID(request["id"])
    )
    assert [tuple(row) for row in notes] == [(desk.agent.actor, "subject_access.downloaded")] * 2
    again = await desk.ready(client, who["id"])
    assert (
        b"subject_access.downloaded"
        in unpacked(await client.get(bundle_of(again)))["data/customer-svc/recipients.json"]
    )


async def test_what_was_collected_is_nowhere_readable(
    client: httpx.AsyncClient, desk: Desk, service: RunningService
) -> None:
    who = await desk.person(client)
    await desk.ready(client, who["id"])

    tables = ("access_answers", "subject_access_pages", "subject_access_requests", "subject_access_keys")
    found = [str(await service.sql(f"SELECT t::text FROM {table} t")) for table in tables]
    events = "SELECT convert_from(payload, 'UTF8') FROM outbox WHERE type LIKE '%access%' AND tenant_id = $1"
    found.append(str(await service.sql(events, desk.agent.tenant_id)))
    trail = "SELECT coalesce(before::text, '') || after FROM audit_entries WHERE aggregate_type LIKE '%access%'"
    found.append(str(await service.sql(trail)))
    for content in found:
        assert not [needle for needle in ("李雷", "13800138000", "needle", "延安路", "C-4711") if needle in content]


async def test_an_erased_person_is_not_told_of_any_more(client: httpx.AsyncClient, desk: Desk) -> None:
    who = await desk.person(client)
    request = await desk.ready(client, who["id"])
    body = {"subject_kind": "customer", "subject_id": who["id"], "basis": "objection"}
    assert (await client.post("/v1/erasures", json=body)).status_code == 201

    gone = await client.get(bundle_of(request))
    again = await desk.ask(client, who["id"])

    assert (gone.status_code, gone.json()["code"]) == (410, "subject_key_gone")
    assert (again.status_code, again.json()["code"]) == (410, "subject_key_gone")


async def test_what_was_collected_is_destroyed_when_its_time_is_over(
    client: httpx.AsyncClient, desk: Desk, service: RunningService
) -> None:
    ready, kept = [await desk.ready(client, (await desk.person(client, external_refs=[]))["id"]) for _ in range(2)]
    await service.sql("UPDATE subject_access_requests SET expires_at = now() WHERE id = $1", UUID(ready["id"]))
    early = await client.get(bundle_of(ready))

    for _ in range(2):
        await as_worker(service, desk.agent.tenant_id, subject_access.destroy_expired)

    late = await client.get(bundle_of(ready))
    assert [(one.status_code, one.json()["code"]) for one in (early, late)] == [(410, "bundle_expired")] * 2
    for table in ("subject_access_keys", "subject_access_pages"):
        rows = await service.sql(f"SELECT DISTINCT request_id FROM {table} WHERE tenant_id = $1", desk.agent.tenant_id)
        assert [str(row[0]) for row in rows] == [kept["id"]]
    assert unpacked(await client.get(bundle_of(kept)))
    assert (await desk.told()).count("subject_access.expired") == 1


async def test_those_that_do_not_answer_are_asked_again(
    client: httpx.AsyncClient, desk: Desk, service: RunningService
) -> None:
    who = await desk.person(client)
    request = await desk.asked(client, who["id"])
    await desk.answered(request, *OTHERS)
    await service.sql(
        "UPDATE subject_access_requests SET asked_at = now() - interval '7 h' WHERE id = $1", UUID(request["id"])
    )

    told = [await as_worker(service, desk.agent.tenant_id, subject_access.ask_again) for _ in range(2)]

    assert told == [(False, 1), (False, 0)]
    shown = (await client.get(f"/v1/subject-access-requests/{request['id']}")).json()
    assert shown["overdue"] is True
    listed = await client.get("/v1/subject-access-requests", params={"filter": "overdue"})
    assert [one["id"] for one in listed.json()["items"]] == [request["id"]]
    await desk.own_answer(shown)
    assert (await client.get(f"/v1/subject-access-requests/{request['id']}")).json()["status"] == "ready"
    assert (await desk.told())[-2:] == ["subject_access.repeated", "subject_access.ready"]


@pytest.mark.parametrize("kind", ["customer", "contact"])
async def test_nobody_is_told_of_who_is_no_person_or_unknown(client: httpx.AsyncClient, desk: Desk, kind: str) -> None:
    company = (await client.post("/v1/customers", json={"name": "观心科技"})).json()["id"]

    answers = [await desk.ask(client, id, kind) for id in (company, str(new_id()))]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "nobody_to_tell_of")] * 2
    assert await desk.told() == []


async def test_whoever_may_not_ask_does_not(client: httpx.AsyncClient, desk: Desk, service: RunningService) -> None:
    who = await desk.person(client)
    async with service.as_(colleague(desk.agent, "customers:*", "subject_access:read")) as other:
        assert (await desk.ask(other, who["id"])).status_code == 403
    async with service.as_(caller()) as stranger:
        assert (await desk.ask(stranger, who["id"])).json()["code"] == "nobody_to_tell_of"
    assert await desk.told() == []


async def test_disclosures_are_those_of_the_person(client: httpx.AsyncClient, desk: Desk, agent: Caller) -> None:
    who, other = [await desk.person(client, external_refs=[]) for _ in range(2)]
    assert (await client.get(f"/v1/subject-keys/{other['id']}")).status_code == 200

    async def given(unit: UnitOfWork) -> list[str]:
        found = [await disclosures.given_out(unit.connection, UUID(id["id"]), limit=9) for id in (who, other)]
        return [row["recipient"] for rows in found for row in rows]

    assert await as_worker(desk.service, agent.tenant_id, given) == [agent.actor]
