"""Who sees which operations, and the stream of their progress."""

import httpx

from crm_platform.context import Caller
from crm_platform.operations import begin as beginning
from crm_platform.testing.identity import caller, colleague
from platform_tests.operations.support import House


async def listed(house: House, who: Caller, **params: str | int) -> list[str]:
    async with house.service.as_(who) as client:
        answer = await client.get("/v1/operations", params=params)
    assert answer.status_code == 200, answer.text
    return [f"/v1/operations/{item['id']}" for item in answer.json()["items"]]


async def test_everybody_sees_their_own_and_admins_those_of_their_company(house: House, agent: Caller) -> None:
    plain, curious = colleague(agent, "products:write"), colleague(agent, "operations:read")
    stranger = caller()
    mine = [await house.begin(plain) for _ in range(2)]
    others = await house.begin(agent)
    foreign = await house.begin(stranger)

    assert await listed(house, plain) == mine[::-1]
    assert await listed(house, agent) == await listed(house, curious) == [others, *mine[::-1]]
    assert await listed(house, stranger) == [foreign]
    for who, path in ((plain, others), (stranger, others), (agent, foreign)):
        async with house.service.as_(who) as client:
            answers = [await client.get(f"{path}{part}") for part in ("", "/results", "/events")]
            answers.append(await client.post(f"{path}/cancel"))
        assert [answer.status_code for answer in answers] == [404] * 4
    assert (await house.get(curious, others))["requested_by"] == agent.actor


async def test_the_list_is_filtered_and_paged(house: House, agent: Caller) -> None:
    paths = [await house.begin(agent, kind) for kind in ("test.enter", "test.twice", "test.enter")]
    await house.ask(agent, paths[0], "pause")

    assert await listed(house, agent, filter="kind == 'test.twice'") == [paths[1]]
    assert await listed(house, agent, filter="status == 'paused'") == [paths[0]]
    assert await listed(house, agent, filter=f"requested_by == '{agent.actor}'", limit=2) == [paths[2], paths[1]]
    async with house.service.as_(agent) as client:
        first = (await client.get("/v1/operations", params={"limit": 2, "sort": "created_at"})).json()
        rest = (
            await client.get("/v1/operations", params={"cursor": first["next_cursor"], "sort": "created_at"})
        ).json()
        unchanged = await client.get(paths[1], headers={"if-none-match": '"1"'})
    assert [f"/v1/operations/{one['id']}" for one in (*first["items"], *rest["items"])] == paths
    assert unchanged.status_code == 304


def events_in(answer: httpx.Response) -> list[dict[str, str]]:
    """The server-sent events of a stream, without its comments and other lines."""
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in answer.text.split("\n\n") if block]
    return [block for block in blocks if "data" in block]


async def test_a_stream_tells_the_state_and_ends_with_the_end(house: House, agent: Caller) -> None:
    path = await house.begin(agent, products=5)
    async with house.service.as_(agent) as client, house.working():
        answer = await client.get(f"{path}/events")
        done = (await client.get(path)).text
        again = await client.get(f"{path}/events", headers={"last-event-id": events_in(answer)[-1]["id"]})
        once_more = await client.get(f"{path}/events", headers={"last-event-id": "1"})

    told = events_in(answer)
    assert answer.text.startswith("retry: 1000\n\n")
    assert [one["event"] for one in told] == ["progress"] * (len(told) - 1) + ["end"]
    assert [int(one["id"]) for one in told] == sorted({int(one["id"]) for one in told})
    assert told[-1]["data"] == done
    assert (again.status_code, again.content) == (204, b"")
    assert [one["data"] for one in events_in(once_more)] == [done]


async def test_a_stream_ends_before_the_request_has_to(house: House, agent: Caller) -> None:
    path = await house.begin(agent)
    async with house.service.as_(agent, **{"crm-deadline-ms": "1200"}) as client:
        answer = await client.get(f"{path}/events")
        back = await client.get(f"{path}/events", headers={"last-event-id": "1"})
        broken = await client.get(f"{path}/events", headers={"last-event-id": "one"})

    assert [(one["id"], one["event"]) for one in events_in(answer)] == [("1", "progress")]
    assert (back.status_code, events_in(back)) == (200, [])
    assert (broken.status_code, broken.json()["code"]) == (400, "invalid_parameter")


async def test_there_is_an_end_to_what_a_company_may_leave_unfinished(house: House, agent: Caller) -> None:
    path = await house.begin(agent)
    await house.service.sql(
        "INSERT INTO operations (id, tenant_id, kind, status, input, cause, requested_by, correlation_id, unit)"
        " SELECT uuidv7(), tenant_id, kind, 'paused', input, cause, requested_by, correlation_id, unit"
        " FROM operations, generate_series(2, $1)",
        beginning.MAX_UNFINISHED,
    )
    async with house.service.as_(agent) as client:
        refused = await client.post("/v1/tests/test.enter", json={"products": 1})
    other = await house.begin(caller())

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_operations")
    assert other != path
