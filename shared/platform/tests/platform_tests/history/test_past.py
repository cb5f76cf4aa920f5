"""A record as it was at a moment is what was answered then."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from crm_platform.context import Caller
from crm_platform.sealing.subjects import destroy_key
from crm_platform.testing.plugin import RunningService
from platform_tests.history.test_changes import patch
from platform_tests.sealing.people import needle
from platform_tests.sealing.test_records import enter

TICK = timedelta(microseconds=1)


async def as_of(client: httpx.AsyncClient, id: str, at: datetime) -> httpx.Response:
    return await client.get(f"/v1/people/{id}/as-of", params={"at": at.isoformat()})


def moment(record: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(record["updated_at"])


VALUES: dict[str, list[Any]] = {
    "name": ["欧阳修", "Zoë", "\U00020bb7", '"}{'],
    "phone": [None, "+8613800138000", "\uff11\uff13\uff19"],
    "emails": [[], ["a@b.cn"], ["甲@例.cn", "b@c.de"]],
    "address": [None, {"city": "绍兴", "street": None}, {"city": "X", "street": "Y"}],
    "city_code": [None, "010"],
}


async def test_as_of_each_moment_it_is_what_was_answered(client: httpx.AsyncClient) -> None:
    for seed in range(3):
        told = await _changed_at_random(client, random.Random(seed))  # noqa: S311  (repeatable, not secret)
        assert [one["version"] for one in told] == list(range(1, len(told) + 1))
        await _is_remembered(client, told)


async def _changed_at_random(client: httpx.AsyncClient, chance: random.Random) -> list[dict[str, Any]]:
    """What was answered when a record was entered, and after each change."""
    told = [await enter(client, 0, city_code="\uff10\uff15")]
    for _ in range(12):
        names = chance.sample(list(VALUES), chance.randint(1, 3))
        after = await patch(client, told[-1], **{name: chance.choice(VALUES[name]) for name in names})
        if after["version"] != told[-1]["version"]:
            told.append(after)
    return told


async def _is_remembered(client: httpx.AsyncClient, told: list[dict[str, Any]]) -> None:
    id = told[0]["id"]
    for one, following in zip(told, [*told[1:], None], strict=True):
        for at in (moment(one), moment(following) - TICK if following else datetime.now(UTC)):
            answer = await as_of(client, id, at)
            assert (answer.status_code, answer.json()) == (200, one)
            assert answer.headers["etag"] == f'"{one["version"]}"'
    assert (await as_of(client, id, moment(told[0]) - TICK)).status_code == 404
    assert (await client.get(f"/v1/people/{id}/as-of")).json() == told[-1]
    assert (await client.get(f"/v1/people/{id}/as-of?at={told[0]['updated_at']}")).json() == told[0]


async def test_between_deletion_and_return_there_is_nothing(client: httpx.AsyncClient) -> None:
    record = await enter(client, 1)
    await client.delete(f"/v1/people/{record['id']}", headers={"if-match": '"1"'})
    (deleted, _) = (await client.get(f"/v1/people/{record['id']}/history")).json()["items"]

    at = datetime.fromisoformat(deleted["at"])
    assert (await as_of(client, record["id"], at)).status_code == 404
    assert (await as_of(client, record["id"], at - TICK)).json() == record


async def test_an_erased_person_is_erased_from_the_past_too(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    first = await enter(client, 1)
    second = await patch(client, first, name="李四")
    erased = datetime.fromisoformat("2026-03-04T05:06:07+00:00")
    async with service.app.state.runtime.database.transaction(agent.tenant_id) as connection:
        await destroy_key(connection, UUID(first["id"]), at=erased)
    nothing: dict[str, Any] = {**dict.fromkeys(needle(1)), "emails": [], "erased_at": erased.isoformat()}

    for one in (first, second):
        assert (await as_of(client, one["id"], moment(one))).json() == {**one, **nothing}


NO_MOMENTS = ("yesterday", "2026-03-01T08:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+09:00", "")


async def test_moments_that_are_none_are_refused(client: httpx.AsyncClient) -> None:
    record = await enter(client, 1)
    for at in NO_MOMENTS:
        answer = await client.get(f"/v1/people/{record['id']}/as-of", params={"at": at})

        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
        assert "`at`" in answer.json()["detail"]
