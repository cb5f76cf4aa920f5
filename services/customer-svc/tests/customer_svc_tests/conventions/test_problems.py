import uuid

import httpx
import pytest
from dirty_equals import IsUUID

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService


async def test_a_body_that_does_not_fit_names_every_place_and_rule(client: httpx.AsyncClient) -> None:
    body = {"name": "", "employees": -1, "annual_revenue": {"amount": "x", "currency": "cny"}, "colour": "red"}

    answer = await client.post("/v1/customers", json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem | {"errors": ...} == {
        "type": "urn:guanxi:problem:invalid_payload",
        "title": "Invalid body",
        "status": 422,
        "code": "invalid_payload",
        "detail": "The body does not fit its schema in 5 place(s).",
        "instance": "/v1/customers",
        "correlation_id": IsUUID(),
        "errors": ...,
    }
    assert sorted((error["pointer"], error["code"]) for error in problem["errors"]) == [
        ("/annual_revenue/amount", "decimal_parsing"),
        ("/annual_revenue/currency", "string_pattern_mismatch"),
        ("/colour", "extra_forbidden"),
        ("/employees", "greater_than_equal"),
        ("/name", "string_too_short"),
    ]


async def test_problems_speak_the_language_that_is_asked_for(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/customers", json={}, headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"})

    problem = answer.json()
    assert (problem["title"], problem["detail"]) == ("请求体无效", "请求体有 1 处不符合要求。")
    assert problem["errors"] == [{"pointer": "/name", "code": "missing", "detail": "缺少必填字段"}]
    assert answer.headers["content-language"] == "zh"


async def test_amounts_are_in_currencies_in_use(client: httpx.AsyncClient) -> None:
    made = await client.post("/v1/customers", json={"name": "明灯照明"})
    path, version = f"/v1/customers/{made.json()['id']}", {"if-match": '"1"'}
    chinese = {"accept-language": "zh"}
    limit = {"credit_limit": {"amount": "5", "currency": "RMB"}}

    changed = await client.patch(path, json=limit, headers=version | chinese)
    entered = await client.post(
        "/v1/customers", json={"name": "远山控股", "annual_revenue": {"amount": "5", "currency": "XYZ"}}
    )

    assert [answer.status_code for answer in (made, changed, entered)] == [201, 422, 422]
    assert changed.json()["errors"] == [
        {
            "pointer": "/credit_limit/currency",
            "code": "currency_unknown",
            "detail": "“RMB”不是 ISO 4217 货币代码，应为 CNY",
        }
    ]
    assert entered.json()["errors"] == [
        {
            "pointer": "/annual_revenue/currency",
            "code": "currency_unknown",
            "detail": "`XYZ` is not a currency in use by ISO 4217",
        }
    ]
    assert [one["name"] for one in (await client.get("/v1/customers")).json()["items"]] == ["明灯照明"]


async def test_a_user_who_reads_chinese_gets_chinese_without_asking(service: RunningService) -> None:
    async with service.as_(caller(language="zh")) as client:
        problem = (await client.get(f"/v1/customers/{uuid.uuid4()}")).json()

    assert problem["title"] == "未找到"


async def test_broken_json_is_a_bad_request(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/customers", content=b'{"name": ', headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("query", "code", "named"),
    [
        ({"colour": "red"}, "unknown_parameter", "`colour`"),
        ({"filter": "colour == 'red'"}, "invalid_parameter", "colour"),
        ({"filter": "name =="}, "invalid_parameter", "filter"),
        ({"sort": "colour"}, "invalid_parameter", "`colour`"),
        ({"sort": "name,name"}, "invalid_parameter", "different keys"),
        ({"fields": "id,colour"}, "invalid_parameter", "`colour`"),
        ({"limit": "0"}, "invalid_parameter", "`limit`"),
        ({"limit": "201"}, "invalid_parameter", "1 to 200"),
        ({"limit": "٣"}, "invalid_parameter", "`limit`"),
        ({"count": "yes"}, "invalid_parameter", "`count`"),
        ({"cursor": "nonsense"}, "invalid_parameter", "`cursor`"),
        ({"cursor": "W10"}, "invalid_parameter", "`cursor`"),
    ],
)
async def test_a_list_refuses_what_it_does_not_know_and_names_it(
    client: httpx.AsyncClient, query: dict[str, str], code: str, named: str
) -> None:
    answer = await client.get("/v1/customers", params=query)

    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == code
    assert named in answer.json()["detail"]


async def test_paths_and_methods_that_do_not_exist_are_problems_too(client: httpx.AsyncClient) -> None:
    nowhere = await client.get("/v1/nothing")
    method = await client.put("/v1/customers", json={})
    not_an_id = await client.get("/v1/customers/42")

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "no_such_path")
    assert (method.status_code, method.json()["code"]) == (405, "method_not_allowed")
    assert (not_an_id.status_code, not_an_id.json()["code"]) == (400, "invalid_parameter")


async def test_without_a_token_nothing_is_shown(service: RunningService) -> None:
    async with service.as_(None) as client:
        answer = await client.get("/v1/customers")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="crm"'


@pytest.mark.parametrize("token", ["", "x.y.z", "eyJhbGciOiJub25lIn0.e30."])
async def test_a_token_that_is_none_is_refused(service: RunningService, token: str) -> None:
    async with service.as_(None, authorization=f"Bearer {token}") as client:
        answer = await client.get("/v1/customers")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://elsewhere.test"}, {"aud": "other"}, {"exp": 1}, {"tid": "not-a-uuid"}, {"vis": "everything"}],
)
async def test_a_token_with_wrong_claims_is_refused(
    service: RunningService, agent: Caller, claims: dict[str, object]
) -> None:
    token = service.issuer.token(agent, **claims)
    async with service.as_(None, authorization=f"Bearer {token}") as client:
        answer = await client.get("/v1/customers")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_headers_cannot_say_who_asks(service: RunningService, agent: Caller) -> None:
    claims = {"x-user-id": str(agent.id), "x-tenant-id": str(agent.tenant_id), "x-scope": "*"}
    async with service.as_(None, **claims) as client:
        answer = await client.get("/v1/customers")

    assert answer.status_code == 401


async def test_a_missing_scope_is_named_and_nothing_is_written(service: RunningService) -> None:
    async with service.as_(caller("customers:read")) as client:
        answer = await client.post("/v1/customers", json={"name": "Acme"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "customers:write" in answer.json()["detail"]
    assert await service.sql("SELECT 1 FROM customers UNION ALL SELECT 1 FROM outbox") == []


async def test_every_answer_carries_the_correlation_id(client: httpx.AsyncClient, service: RunningService) -> None:
    given = str(uuid.uuid4())

    answer = await client.post("/v1/customers", json={"name": "Acme"}, headers={"x-correlation-id": given})

    assert answer.headers["x-correlation-id"] == given
    rows = await service.sql("SELECT headers->>'correlation_id' AS id FROM outbox")
    assert [row["id"] for row in rows] == [given]
    assert [str(row["id"]) for row in await service.sql("SELECT correlation_id AS id FROM audit_entries")] == [given]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
async def test_a_body_that_is_not_json_is_not_understood(
    client: httpx.AsyncClient, service: RunningService, kind: str
) -> None:
    answer = await client.post("/v1/customers", content=b'{"name": "Acme"}', headers={"content-type": kind})

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert await service.sql("SELECT 1 FROM customers") == []


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"]
)
async def test_every_spelling_of_json_is_understood(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/v1/customers", content=b'{"name": "Acme"}', headers={"content-type": kind})

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("value", "code"), [(True, "int_type"), ("5", "int_type"), ([5], "int_type"), (5.5, "int_from_float")]
)
async def test_a_whole_number_is_not_guessed_from_something_else(
    client: httpx.AsyncClient, value: object, code: str
) -> None:
    answer = await client.post("/v1/customers", json={"name": "Acme", "employees": value})

    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/employees", code)]
