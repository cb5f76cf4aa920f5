"""Operations from the request to their end: what is done, what is told, what is on record."""

from dataclasses import replace
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller
from crm_platform.testing.waiting import until
from platform_tests.operations.slice import Control, nobody_left
from platform_tests.operations.support import House


async def test_an_operation_is_answered_at_once_and_done_later(house: House, agent: Caller, control: Control) -> None:
    async with house.service.as_(agent) as client:
        answer = await client.post("/v1/tests/test.enter", json={"products": 5})
    queued = answer.json()

    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/operations/{queued['id']}")
    assert (queued["status"], queued["progress"]) == ("queued", {"done": 0, "total": None, "unit": "records"})
    assert queued["input"] == {"products": 5, "per_step": 2, "name": "产品", "results": True, "fails": "", "at": 0}
    assert (queued["requested_by"], queued["started_at"], queued["wish"]) == (agent.actor, None, None)
    assert await house.names(agent) == []
    async with house.working():
        done = await house.reaches(agent, answer.headers["location"], "succeeded")

    assert await house.names(agent) == [f"产品 {number}" for number in range(1, 6)]
    assert done["progress"] == {"done": 5, "total": 5, "unit": "records"}
    assert (done["counters"], done["result"], done["problem"]) == ({"created": 5}, {"entered": 5}, None)
    assert (done["attempt"], done["version"]) == (1, queued["version"] + 4)  # taken up, two steps, the end
    assert queued["created_at"] < done["started_at"] < done["finished_at"]
    assert control.steps == [("产品", 0), ("产品", 2), ("产品", 4)]


async def test_events_and_audit_entries_are_those_of_the_request(
    house: House, agent: Caller, start_worker: StartWorker, control: Control
) -> None:
    await start_worker(house.service)
    correlation = "01890a5d-ac96-774b-bcce-b302099a8057"
    async with house.service.as_(agent, **{"x-correlation-id": correlation}) as client:
        path = (await client.post("/v1/tests/test.enter", json={"products": 3})).headers["location"]
    await house.reaches(agent, path, "succeeded")

    async def published() -> bool:
        rows = await house.service.sql("SELECT published_at FROM outbox")
        return len(rows) == 3 and all(row["published_at"] for row in rows)

    await until(published)
    told = await house.service.sql("SELECT headers->>'actor', headers->>'correlation_id' FROM outbox")
    entries = await house.service.sql("SELECT actor, correlation_id FROM audit_entries")
    assert {tuple(row) for row in told} == {(agent.actor, correlation)}
    assert [tuple(row) for row in entries] == [(agent.actor, UUID(correlation))] * 3
    assert [one.actor for one in control.callers] == [agent.actor] * 2


async def test_a_kind_of_the_system_has_all_rights_and_tells_who_asked(
    house: House, agent: Caller, control: Control
) -> None:
    modest = replace(agent, scopes=frozenset({"products:write"}), visibility="own", language="zh")
    path = await house.begin(modest, "test.enter-as-system", products=1)
    async with house.working():
        await house.reaches(modest, path, "succeeded")

    (worked,) = control.callers
    assert (worked.kind, worked.visibility, worked.language) == ("service", "all", "zh")
    assert [row[0] for row in await house.service.sql("SELECT actor FROM audit_entries")] == [modest.actor]


async def test_rights_are_those_of_the_moment(house: House, agent: Caller, control: Control) -> None:
    gone = replace(caller(tenant_id=agent.tenant_id), name="Gone", language="zh")
    allowed, refused = await house.begin(agent, products=1), await house.begin(gone, products=1)
    async with house.working(standing=nobody_left):
        await house.reaches(agent, allowed, "succeeded")
        failed = await house.reaches(gone, refused, "failed")

    assert [(one.id, one.visibility) for one in control.callers] == [(agent.id, "own")]
    assert failed["problem"]["code"] == "requester_gone"
    assert failed["problem"]["title"] == "请求者已无权限"
    assert await house.names(agent) == ["产品 1"]


async def test_results_are_kept_per_record(house: House, agent: Caller) -> None:
    path = await house.begin(agent, products=5)
    async with house.working():
        await house.reaches(agent, path, "succeeded")
    ids = {row["name"]: str(row["id"]) for row in await house.service.sql("SELECT id, name FROM products")}

    async with house.service.as_(agent) as client:
        first = (await client.get(f"{path}/results", params={"limit": 3})).json()
        rest = (await client.get(f"{path}/results", params={"cursor": first["next_cursor"]})).json()
        one = (await client.get(f"{path}/results", params={"filter": "number == 4", "fields": "number"})).json()

    expected = [
        {"number": n, "outcome": "created", "subject_id": ids[f"产品 {n}"], "problem": None, "detail": None}
        for n in range(1, 6)
    ]
    assert (first["items"], rest["items"], rest["next_cursor"]) == (expected[:3], expected[3:], None)
    assert one["items"] == [{"number": 4}]


async def test_what_is_asked_for_twice_is_done_once(house: House, agent: Caller) -> None:
    async with house.service.as_(agent, **{"idempotency-key": "k"}) as client:
        answers = [await client.post("/v1/tests/test.enter", json={"products": 1}) for _ in range(2)]
    keyed = {await house.begin(agent, key="nightly", products=1) for _ in range(2)}
    async with house.working():
        for path in {answers[0].headers["location"], *keyed}:
            await house.reaches(agent, path, "succeeded")

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(keyed) == 1
    assert await house.names(agent) == ["产品 1", "产品 1"]


async def test_a_failure_that_passes_is_tried_again(house: House, agent: Caller, control: Control) -> None:
    registry = CollectorRegistry()
    path = await house.begin(agent, products=5, fails="passing", at=2)
    async with house.working(registry=registry):
        done = await house.reaches(agent, path, "succeeded")

    assert control.steps == [("产品", cursor) for cursor in (0, 2, 2, 2, 4)]
    assert await house.names(agent) == [f"产品 {number}" for number in range(1, 6)]
    assert (done["attempt"], done["counters"]) == (1, {"created": 5})
    assert registry.get_sample_value("crm_operations_retries_total", {"kind": "test.enter"}) == 2
    finished = {"kind": "test.enter", "status": "succeeded"}
    assert registry.get_sample_value("crm_operations_finished_total", finished) == 1


@pytest.mark.parametrize(
    ("fails", "attempts", "code", "detail"),
    [
        ("rule", 1, "refused", "不能是第 2 个。"),
        ("bug", 3, "operation_failed", "操作的某一步骤失败 3 次"),
        ("away", 4, "unavailable", "文件存储暂时没有响应"),
    ],
)
async def test_what_fails_for_good_ends_with_a_problem(
    house: House, control: Control, fails: str, attempts: int, code: str, detail: str
) -> None:
    who = caller(language="zh")
    path = await house.begin(who, "test.enter-told", products=5, fails=fails, at=2)
    async with house.working():
        failed = await house.reaches(who, path, "failed")

    assert control.steps == [("产品", 0)] + [("产品", 2)] * attempts
    assert (failed["problem"]["code"], failed["counters"]) == (code, {"created": 2})
    assert failed["problem"]["detail"].startswith(detail)
    assert (failed["progress"]["done"], failed["result"]) == (2, None)
    assert await house.names(who) == ["产品 1", "产品 2", "end: failed"]
    assert [row["number"] for row in await house.service.sql("SELECT number FROM operation_results")] == [1, 2]
