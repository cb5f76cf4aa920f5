"""Scores follow customers, rules, time and each other, by the events on which a real worker acts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from dirty_equals import IsDatetime

from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from customer_svc_tests.quality_scores.support import becomes, kept, look_again, quality, rule
from customer_svc_tests.segments.support import becomes as segment_becomes
from customer_svc_tests.segments.support import patched, posted, settled

GOOD = {
    "industry": "制造业",
    "source": "展会",
    "phone": "0571-8765 4321",
    "email": "info@wenyuan.cn",
    "registration_id": "91350211M000100Y46",
    "address": {"country": "CN", "province": "浙江省", "city": "杭州市", "street": "文三路 1 号"},
}


async def test_ready_made_rules_tell_what_to_do(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    bare = await posted(client, "customers", name="测试", owner_id=None)
    await start_worker(service)
    await client.post("/v1/quality-rules/adopt", json={})
    broken = ["phone_valid", "registration_present", "address_complete", "email_valid", "followed_up"]
    broken += ["name_meaningful", "owner_set", "industry_set", "source_set"]
    # 15 of 105, for being no duplicate: two rules are not about it.
    await becomes(client, bare, 14, *broken)

    good = await posted(client, "customers", name="杭州闻远贸易有限公司", **GOOD)
    await becomes(client, good, 91, "followed_up")
    told = {"customer_id": good["id"], "kind": "call", "subject": "回访", "happened_at": datetime.now(UTC).isoformat()}
    await posted(client, "communications", **told)
    await becomes(client, good, 100)
    zh = await client.get(f"/v1/customers/{bare['id']}/quality", headers={"accept-language": "zh"})
    first = zh.json()["reasons"][0]
    assert (first["label"], first["message"]) == ("有可拨打的电话", "请补充可拨打的电话号码，境外号码请加国家代码。")
    assert (first["member"], first["severity"], first["weight"]) == ("phones", "error", 15)


async def test_scores_follow_rules_and_end_with_them(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    customer = await posted(client, "customers", name="甲", source="展会")
    async with service.as_(caller()) as stranger:
        unseen = await posted(stranger, "customers", name="别家")
        await start_worker(service)
        assert await quality(client, customer) == (None, [])
        graded = await rule(client, "graded", "has(grade)", weight=30)
        await becomes(client, customer, 0, "graded")
        sourced = await rule(client, "sourced", "has(source)", weight=10)
        await becomes(client, customer, 25, "graded")
        graded = await patched(client, "quality-rules", graded, weight=90)
        await becomes(client, customer, 10, "graded")
        graded = await patched(client, "quality-rules", graded, applies_to="status == 'active'")
        await becomes(client, customer, 100)
        customer = await patched(client, "customers", customer, source=None)
        await becomes(client, customer, 0, "sourced")
        await patched(client, "quality-rules", sourced, enabled=False)
        await becomes(client, customer, 100)
        gone = await client.delete(f"/v1/quality-rules/{sourced['id']}", headers={"if-match": '"2"'})
        other = await client.delete(f"/v1/quality-rules/{graded['id']}", headers={"if-match": '"3"'})
        assert (gone.status_code, other.status_code) == (204, 204)
        await becomes(client, customer, None)
        assert await quality(stranger, unseen) == (None, [])
        assert (await stranger.get(f"/v1/customers/{customer['id']}/quality")).status_code == 404
    assert await kept(service) == []


async def test_what_one_customer_shares_with_another_counts_for_both(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    await start_worker(service)
    await client.post("/v1/quality-rules/adopt", json={"codes": ["not_duplicate"]})
    first = await posted(client, "customers", name="华东精密", phone="13800138000")
    await becomes(client, first, 100)

    second = await posted(client, "customers?allow_duplicates=true", name="华东精密厂", phone="+86 138 0013 8000")
    await becomes(client, second, 0, "not_duplicate")
    await look_again(service)
    await becomes(client, first, 0, "not_duplicate")

    second = await patched(client, "customers", second, phone="13900139000")
    await becomes(client, second, 100)
    await look_again(service)
    await becomes(client, first, 100)

    renamed = await client.patch(
        f"/v1/customers/{second['id']}",
        params={"allow_duplicates": "true"},
        json={"name": "华东精密"},
        headers={"if-match": f'"{second["version"]}"'},
    )
    assert renamed.status_code == 200, renamed.text
    second = renamed.json()
    await becomes(client, second, 0, "not_duplicate")
    await look_again(service)
    await becomes(client, first, 0, "not_duplicate")

    gone = await client.delete(f"/v1/customers/{second['id']}", headers={"if-match": f'"{second["version"]}"'})
    assert gone.status_code == 204

    async def marked() -> bool:
        return bool(await service.sql("SELECT 1 FROM quality_marks"))

    await until(marked, seconds=60)
    await look_again(service)
    await becomes(client, first, 100)
    assert await service.sql("SELECT 1 FROM quality_marks") == []
    assert [row[0] for row in await kept(service)] == [
        row["id"] for row in await service.sql("SELECT id FROM customers")
    ]


async def test_a_score_falls_by_time_alone(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    customer = await posted(client, "customers", name="甲")
    await start_worker(service)
    await rule(client, "fresh", "now() - facts.last_communication_at < duration('24h')")
    await becomes(client, customer, 0, "fresh")
    lately = datetime.now(UTC) - timedelta(hours=1)
    told = {"customer_id": customer["id"], "kind": "call", "subject": "回访", "happened_at": lately.isoformat()}
    await posted(client, "communications", **told)
    await becomes(client, customer, 100)
    rows = await service.sql("SELECT look_again_at FROM quality_scores")
    assert [row["look_again_at"] for row in rows] == [lately + timedelta(hours=24)]

    # A day goes by.
    await service.sql("UPDATE customer_facts SET last_communication_at = last_communication_at - interval '24 hours'")
    await service.sql("UPDATE quality_scores SET look_again_at = look_again_at - interval '24 hours'")
    await look_again(service)
    await becomes(client, customer, 0, "fresh")
    assert await service.sql("SELECT 1 FROM quality_scores WHERE look_again_at IS NOT NULL") == []


async def test_scores_are_listed_sorted_and_filtered_for_those_who_see_the_customers(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    await start_worker(service)
    sourced = await rule(client, "sourced", "has(source)", weight=25, member="source")
    await rule(client, "graded", "has(grade)", weight=75)
    other = colleague(agent, visibility="own")
    made = [
        await posted(client, "customers", name="甲"),
        await posted(client, "customers", name="乙", grade="A"),
        await posted(client, "customers", name="丙", grade="A", source="展会"),
        await posted(client, "customers", name="丁", source="展会", owner_id=str(other.id)),
    ]
    first, second, third, fourth = (one["id"] for one in made)
    await becomes(client, made[3], 25, "graded")

    async def listed(by: httpx.AsyncClient, **params: str) -> list[tuple[str, int]]:
        answer = await by.get("/v1/quality-scores", params=params)
        assert answer.status_code == 200, answer.text
        return [(item["id"], item["score"]) for item in answer.json()["items"]]

    async def all_there() -> bool:
        return len(await listed(client)) == 4

    await until(all_there, seconds=60)
    assert await listed(client) == [(first, 0), (fourth, 25), (second, 75), (third, 100)]
    assert await listed(client, sort="-score", limit="2") == [(third, 100), (second, 75)]
    assert await listed(client, filter="score < 60") == [(first, 0), (fourth, 25)]
    assert await listed(client, filter=f"'{sourced['id']}' in failed") == [(first, 0), (second, 75)]
    assert await listed(client, filter="source == '展会' && score < 100") == [(fourth, 25)]
    async with service.as_(other) as limited:
        assert await listed(limited) == [(fourth, 25)]
    (item,) = (await client.get("/v1/quality-scores", params={"filter": f"id == '{second}'"})).json()["items"]
    text = {"en": "?", "zh": "?"}
    reason = {
        "code": "sourced",
        "member": "source",
        "severity": "warning",
        "weight": 25,
        "label": text,
        "message": text,
    }
    assert item == {
        "id": second,
        "score": 75,
        "source": None,
        "owner_id": str(agent.id),
        "team_id": made[1]["team_id"],
        "changed_at": IsDatetime(iso_string=True),
        "reasons": [{"rule_id": sourced["id"], **reason}],
    }


async def test_a_rule_is_tried_without_any_effect_on_what_the_caller_sees(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    other = colleague(agent, visibility="own")
    broken = await posted(client, "customers", name="甲", emails=[])
    await posted(client, "customers", name="乙", email="a@b.cn")
    await posted(client, "customers", name="丙", kind="person")
    hidden = await posted(client, "customers", name="丁", owner_id=str(other.id))
    await start_worker(service)
    body = {"expression": "contact.valid_emails > 0", "applies_to": "kind == 'company'"}

    async def tried(by: httpx.AsyncClient) -> dict[str, Any]:
        answer = await by.post("/v1/quality-rules/dry-run", json=body)
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = {}

        async def ended() -> bool:
            found.update((await by.get(answer.headers["location"])).json())
            return bool(found["status"] == "succeeded")

        await until(ended, seconds=60, why=lambda: found)
        return dict(found["result"])

    whole = await tried(client)
    async with service.as_(other) as limited:
        part = await tried(limited)
    refused = await client.post("/v1/quality-rules/dry-run", json={"expression": "emails > 0"})

    assert sorted(whole.pop("examples")) == sorted([broken["id"], hidden["id"]])
    assert whole == {"holds": 1, "broken": 2, "not_concerned": 1}
    assert part == {"holds": 0, "broken": 1, "not_concerned": 0, "examples": [hidden["id"]]}
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/expression")
    assert await kept(service) == []
    assert await service.sql("SELECT 1 FROM quality_rules") == []


async def test_scores_are_those_of_a_full_evaluation_beside_memberships_of_segments(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    await start_worker(service)
    await client.post("/v1/quality-rules/adopt", json={})
    segment = await posted(client, "segments", name="大客户", expression="grade == 'A'")
    await settled(client, segment)
    made = [await posted(client, "customers", name=f"客户{number}", **GOOD) for number in range(6)]
    for number, customer in enumerate(made):
        change = {"grade": "A", "phone": f"1380013800{number}"} if number % 2 else {"email": None, "source": None}
        made[number] = await patched(client, "customers", customer, **change)
    await segment_becomes(client, segment, "客户1", "客户3", "客户5")
    await posted(client, "customers", name="最后")

    async def scored() -> bool:
        rows = await service.sql("SELECT 1 FROM quality_scores")
        return len(rows) == 7 and not await service.sql("SELECT 1 FROM quality_marks")

    async def swept() -> bool:
        await look_again(service)
        return await scored()

    await until(swept, seconds=60)
    before = await kept(service)
    await service.sql("UPDATE quality_scores SET score = 1, failed = '{}', keys = '{}'")
    (grade,) = (await client.get("/v1/quality-rules", params={"filter": "code == 'grade_set'"})).json()["items"]
    await patched(client, "quality-rules", grade, weight=6)

    async def evaluated() -> bool:
        return not await service.sql("SELECT 1 FROM quality_scores WHERE score = 1") and await swept()

    await until(evaluated, seconds=60)
    # Its weight is that of a rule which is about none of them.
    assert await kept(service) == before
