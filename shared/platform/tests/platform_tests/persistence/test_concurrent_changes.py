"""Rules over several records hold when requests come at the same time."""

import asyncio
from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService
from platform_tests.persistence.support import with_database


async def enter(client: httpx.AsyncClient, name: str, **fields: Any) -> str:
    answer = await client.post("/v1/customers", json={"name": name, **fields})
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    return id


def placed_under(client: httpx.AsyncClient, id: str, parent: str) -> Any:
    return client.patch(f"/v1/customers/{id}", json={"parent_id": parent}, headers={"if-match": '"1"'})


@pytest.mark.parametrize("length", [2, 3, 4])
async def test_of_requests_that_would_close_a_loop_together_one_is_refused(
    service: RunningService, agent: Caller, length: int
) -> None:
    async with with_database(service, pool_max=8) as running, running.as_(agent) as client:
        ids = [await enter(client, f"Company {number}") for number in range(length)]
        answers = await asyncio.gather(
            *(placed_under(client, id, ids[(number + 1) % length]) for number, id in enumerate(ids))
        )
        rows = await running.sql("SELECT id, parent_id FROM customers")

    assert sorted(answer.status_code for answer in answers) == [200] * (length - 1) + [409]
    (refused,) = [answer for answer in answers if answer.status_code == 409]
    assert refused.json()["code"] == "parent_loop"
    parents = {str(row["id"]): str(row["parent_id"]) for row in rows}
    assert list(parents.values()).count("None") == 1
    assert len(await service.sql("SELECT 1 FROM outbox WHERE version = 2")) == length - 1


async def test_of_changes_based_on_the_same_version_one_wins(service: RunningService, agent: Caller) -> None:
    async with with_database(service, pool_max=8) as running, running.as_(agent) as client:
        id = await enter(client, "Acme")
        answers = await asyncio.gather(
            *(
                client.patch(f"/v1/customers/{id}", json={"industry": f"{number}"}, headers={"if-match": '"1"'})
                for number in range(6)
            )
        )
        shown = (await client.get(f"/v1/customers/{id}")).json()

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
    (won,) = [answer for answer in answers if answer.status_code == 200]
    assert shown == won.json()
    assert len(await service.sql("SELECT 1 FROM outbox")) == len(await service.sql("SELECT 1 FROM audit_entries")) == 2


async def test_the_same_external_id_is_entered_once(service: RunningService, agent: Caller) -> None:
    body = {"name": "Acme", "external_refs": [{"system": "erp", "external_id": "C-1"}]}
    async with with_database(service, pool_max=8) as running, running.as_(agent) as client:
        answers = await asyncio.gather(*(client.post("/v1/customers", json=body) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert {len(await service.sql(f"SELECT 1 FROM {table}")) for table in ("customers", "outbox", "audit_entries")} == {
        1
    }


async def test_a_parent_that_is_deleted_meanwhile_is_no_parent(service: RunningService, agent: Caller) -> None:
    async with with_database(service, pool_max=8) as running, running.as_(agent) as client:
        for number in range(5):
            parent, child = await enter(client, f"Parent {number}"), await enter(client, f"Child {number}")
            removed, moved = await asyncio.gather(
                client.delete(f"/v1/customers/{parent}", headers={"if-match": '"1"'}),
                placed_under(client, child, parent),
            )
            assert (removed.status_code, moved.status_code) in {(204, 409), (409, 200)}, (removed.text, moved.text)

        orphans = await running.sql(
            "SELECT 1 FROM customers c WHERE parent_id IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM customers p WHERE p.id = c.parent_id)"
        )
    assert orphans == []


async def test_the_same_idempotency_key_at_once_has_one_effect(service: RunningService, agent: Caller) -> None:
    async with with_database(service, pool_max=8) as running, running.as_(agent, **{"idempotency-key": "k"}) as client:
        answers = await asyncio.gather(*(client.post("/v1/customers", json={"name": "Acme"}) for _ in range(6)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers.get("idempotent-replayed", "") for answer in answers) == [""] + ["true"] * 5
    assert len(await service.sql("SELECT 1 FROM customers")) == 1
