import httpx
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService
from customer_svc.quality_rules.domain import MAX_RULES, READY_MADE
from customer_svc_tests.segments.support import patched, posted

TEXT = {"en": "?", "zh": "?"}
BODY = {"code": "vip_grade", "label": TEXT, "message": TEXT, "expression": " has(grade) "}
CODES = [rule["code"] for rule in READY_MADE]


async def told(service: RunningService) -> list[tuple[str, int]]:
    rows = await service.sql("SELECT type, version FROM outbox WHERE topic = 'crm.data_quality.v1' ORDER BY id")
    return [(row["type"], row["version"]) for row in rows]


async def test_a_rule_is_defined_changed_and_removed(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    made = await posted(client, "quality-rules", **BODY)
    changed = await patched(client, "quality-rules", made, weight=30, label={"en": "Grade", "zh": "等级"})
    gone = await client.delete(f"/v1/quality-rules/{made['id']}", headers={"if-match": '"2"'})

    assert made == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": made["created_at"],
        "updated_by": agent.actor,
        "code": "vip_grade",
        "label": TEXT,
        "message": TEXT,
        "expression": "has(grade)",
        "applies_to": None,
        "member": None,
        "weight": 10,
        "severity": "warning",
        "enabled": True,
    }
    assert (changed["weight"], changed["label"], changed["message"]) == (30, {"en": "Grade", "zh": "等级"}, TEXT)
    assert (gone.status_code, (await client.get(f"/v1/quality-rules/{made['id']}")).status_code) == (204, 404)
    assert await told(service) == [
        ("quality_rule.created", 1),
        ("quality_rule.updated", 2),
        ("quality_rule.deleted", 3),
    ]


async def test_ready_made_rules_are_taken_over_once_and_can_be_changed(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    two = await client.post("/v1/quality-rules/adopt", json={"codes": ["email_valid", "phone_valid", "email_valid"]})
    (email,) = (await client.get("/v1/quality-rules", params={"filter": "code == 'email_valid'"})).json()["items"]
    await patched(client, "quality-rules", email, weight=1)
    shown = (await client.get("/v1/quality-rules/ready-made")).json()["items"]
    rest = await client.post("/v1/quality-rules/adopt", json={})
    again = await client.post("/v1/quality-rules/adopt", json={})

    assert two.json() == {"adopted": ["email_valid", "phone_valid"]}
    assert [one["code"] for one in shown] == CODES
    assert {one["code"] for one in shown if one["adopted"]} == {"email_valid", "phone_valid"}
    assert rest.json() == {"adopted": [code for code in CODES if code not in {"email_valid", "phone_valid"}]}
    assert again.json() == {"adopted": []}
    assert (await client.get(f"/v1/quality-rules/{email['id']}")).json()["weight"] == 1
    assert [kind for kind, _ in await told(service)].count("quality_rule.created") == len(CODES)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"expression": "has(gade)"}, [("/expression", "unknown_field")]),
        ({"expression": "phone == '1'"}, [("/expression", "unknown_field")]),
        ({"applies_to": "status =="}, [("/applies_to", "unexpected_end")]),
        (
            {"expression": "name", "applies_to": "name"},
            [("/expression", "not_boolean"), ("/applies_to", "not_boolean")],
        ),
        ({"weight": 0}, [("/weight", "greater_than_equal")]),
        ({"code": "VIP"}, [("/code", "string_pattern_mismatch")]),
        ({"label": {"en": "x"}}, [("/label/zh", "missing")]),
    ],
)
async def test_what_is_no_rule_is_refused_at_its_place(
    client: httpx.AsyncClient, service: RunningService, body: dict[str, object], errors: list[tuple[str, str]]
) -> None:
    answer = await client.post("/v1/quality-rules", json=BODY | body, headers={"accept-language": "zh"})

    assert answer.status_code == 422, answer.text
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == errors
    assert await told(service) == []


async def test_rules_that_there_are_not_are_not_taken_over(client: httpx.AsyncClient, service: RunningService) -> None:
    answer = await client.post("/v1/quality-rules/adopt", json={"codes": ["phone_valid", "telepathy"]})

    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/codes/1", "unknown_ready_made_rule")
    ]
    assert await told(service) == []


async def test_codes_are_unique_in_a_company_and_rules_limited(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    await posted(client, "quality-rules", **BODY)
    again = await client.post("/v1/quality-rules", json=BODY)
    await service.sql(
        "INSERT INTO quality_rules (tenant_id, id, version, created_at, created_by, updated_at, updated_by, code,"
        " label, message, expression, weight, severity, enabled)"
        " SELECT $1, gen_random_uuid(), 1, now(), 'x', now(), 'x',"
        " 'r' || number, $3::text::jsonb, $3::text::jsonb, 'true', 1, 'info', true"
        " FROM generate_series(1, $2) AS number",
        *(agent.tenant_id, MAX_RULES - 1, '{"en": "?", "zh": "?"}'),
    )
    full = await client.post("/v1/quality-rules", json=BODY | {"code": "more"})
    adopted = await client.post("/v1/quality-rules/adopt", json={})
    async with service.as_(caller()) as stranger:
        elsewhere = await stranger.post("/v1/quality-rules", json=BODY)

    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    assert [(one.status_code, one.json()["code"]) for one in (full, adopted)] == [(409, "too_many_quality_rules")] * 2
    assert elsewhere.status_code == 201
    assert await told(service) == [("quality_rule.created", 1)] * 2
