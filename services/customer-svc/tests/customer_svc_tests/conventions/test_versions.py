import asyncio
from datetime import datetime

import httpx
import orjson
import pytest

from crm_platform.testing.plugin import RunningService


@pytest.fixture
async def customer(client: httpx.AsyncClient) -> dict[str, str]:
    return dict((await client.post("/v1/customers", json={"name": "Acme"})).json())


async def test_of_many_changes_of_one_version_one_wins(
    client: httpx.AsyncClient, customer: dict[str, str], service: RunningService
) -> None:
    path = f"/v1/customers/{customer['id']}"

    answers = await asyncio.gather(
        *(client.patch(path, json={"employees": n}, headers={"if-match": '"1"'}) for n in range(1, 21))
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [412] * 19
    (won,) = [answer for answer in answers if answer.status_code == 200]
    assert (await client.get(path)).json() == won.json()
    assert [row["version"] for row in await service.sql("SELECT version FROM outbox ORDER BY id")] == [1, 2]


async def test_an_unchanged_record_is_not_sent_again(client: httpx.AsyncClient, customer: dict[str, str]) -> None:
    path = f"/v1/customers/{customer['id']}"

    same = await client.get(path, headers={"if-none-match": '"1"'})
    await client.patch(path, json={"grade": "A"}, headers={"if-match": '"1"'})
    newer = await client.get(path, headers={"if-none-match": '"1"'})

    assert (same.status_code, same.content) == (304, b"")
    assert (newer.status_code, newer.headers["etag"]) == (200, '"2"')


async def test_a_change_of_nothing_makes_no_version_and_no_event(
    client: httpx.AsyncClient, customer: dict[str, str], service: RunningService
) -> None:
    answer = await client.patch(f"/v1/customers/{customer['id']}", json={"name": "Acme"}, headers={"if-match": '"1"'})

    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert len(await service.sql("SELECT 1 FROM outbox")) == 1
    assert len(await service.sql("SELECT 1 FROM audit_entries")) == 1


@pytest.mark.parametrize("tag", ["1", 'W/"1"', '"1", "2"', '"x"', "*", '""'])
async def test_an_if_match_that_is_not_one_of_our_etags_is_named(
    client: httpx.AsyncClient, customer: dict[str, str], tag: str
) -> None:
    answer = await client.patch(f"/v1/customers/{customer['id']}", json={"grade": "A"}, headers={"if-match": tag})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    assert "If-Match" in answer.json()["detail"]


async def test_a_merge_patch_leaves_what_is_absent_and_empties_what_is_null(client: httpx.AsyncClient) -> None:
    created = await client.post(
        "/v1/customers", json={"name": "Acme", "grade": "A", "industry": "steel", "tags": ["vip"]}
    )
    path = created.headers["location"]

    answer = await client.patch(path, json={"grade": None, "tags": []}, headers={"if-match": '"1"'})
    nameless = await client.patch(path, json={"name": None}, headers={"if-match": '"2"'})

    changed = answer.json()
    assert (changed["grade"], changed["industry"], changed["tags"], changed["name"]) == (None, "steel", [], "Acme")
    assert nameless.status_code == 422
    assert nameless.json()["errors"][0]["pointer"] == "/name"


async def test_the_record_of_a_change_says_what_was_before_and_after(
    client: httpx.AsyncClient, customer: dict[str, str], service: RunningService
) -> None:
    path = f"/v1/customers/{customer['id']}"

    answer = await client.post(f"{path}/activate", json={"reason": "首单"}, headers={"if-match": '"1"'})

    row = (await service.sql("SELECT * FROM audit_entries WHERE version = 2"))[0]
    assert (row["action"], row["reason"]) == ("customer.status_changed", "首单")
    before, after = orjson.loads(row["before"]), orjson.loads(row["after"])
    since_before, since_after = (datetime.fromisoformat(side.pop("status_since")) for side in (before, after))
    assert [side.pop("sealed")["members"] for side in (before, after)] == [["status_note"]] * 2
    assert before == {"status": "prospect"}
    assert after == {"status": "active", "$origin": "crm"}
    assert since_before == datetime.fromisoformat(customer["status_since"])
    assert since_after == datetime.fromisoformat(answer.json()["status_since"])
