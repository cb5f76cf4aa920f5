import httpx
import pytest
from dirty_equals import IsUUID

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService

CHINESE = {"accept-language": "zh-CN"}


@pytest.fixture
async def path(client: httpx.AsyncClient) -> str:
    return (await client.post("/v1/customers", json={"name": "Acme"})).headers["location"]


async def test_head_answers_as_get_without_the_body(client: httpx.AsyncClient, path: str) -> None:
    shown, head = await client.get(path), await client.head(path)
    listed = await client.head("/v1/customers")
    unknown = await client.head("/v1/nothing")

    assert (head.status_code, head.content) == (200, b"")
    same = ("etag", "content-type", "content-length")
    assert {name: head.headers[name] for name in same} == {name: shown.headers[name] for name in same}
    assert (listed.status_code, listed.content) == (200, b"")
    assert (unknown.status_code, unknown.content) == (404, b"")


async def test_head_needs_what_get_needs(service: RunningService, agent: Caller, path: str) -> None:
    async with service.as_(None) as nobody:
        anonymous = await nobody.head(path)
    async with service.as_(colleague(agent, "products:read")) as other:
        without_scope = await other.head(path)

    assert (anonymous.status_code, without_scope.status_code) == (401, 403)


async def test_a_method_that_is_not_possible_names_all_that_are(client: httpx.AsyncClient, path: str) -> None:
    collection, record = await client.put("/v1/customers"), await client.put(path)
    read_only = await client.delete("/v1/sync-conflicts")

    assert (collection.status_code, collection.headers["allow"]) == (405, "GET, HEAD, POST")
    assert (record.status_code, record.headers["allow"]) == (405, "DELETE, GET, HEAD, PATCH")
    assert (read_only.status_code, read_only.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ('"1"', 304),
        ('W/"1"', 304),
        ('"7", W/"1"', 304),
        ('"7","1"', 304),
        ("*", 304),
        ('"2"', 200),
        ('"11"', 200),
        ("1", 200),
        ("", 200),
    ],
)
async def test_a_client_may_know_several_versions(
    client: httpx.AsyncClient, path: str, known: str, status: int
) -> None:
    answer = await client.get(path, headers={"if-none-match": known})

    assert (answer.status_code, answer.headers["etag"]) == (status, '"1"')
    assert bool(answer.content) == (status == 200)


async def test_versions_may_be_named_in_several_lines(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers=[("if-none-match", '"7"'), ("if-none-match", '"1"')])

    assert answer.status_code == 304


async def test_what_cannot_be_stored_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, service: RunningService, path: str
) -> None:
    plain = await client.post("/v1/customers", json={"name": "nul \x00"})
    nested = await client.post("/v1/customers", json={"name": "Acme", "address": {"country": "CN", "city": "nul \x00"}})
    changed = await client.patch(path, json={"industry": "\x00"}, headers={"if-match": '"1"'})

    assert [answer.status_code for answer in (plain, nested, changed)] == [422, 422, 422]
    errors = [(one["pointer"], one["code"]) for answer in (plain, nested, changed) for one in answer.json()["errors"]]
    assert errors == [
        ("/name", "string_unicode"),
        ("/address/city", "string_unicode"),
        ("/industry", "string_unicode"),
    ]
    assert len(await service.sql("SELECT 1 FROM outbox")) == 1


async def test_an_item_that_cannot_be_stored_spoils_no_other(client: httpx.AsyncClient) -> None:
    items = [{"name": "One"}, {"name": "nul \x00"}, {"name": "Three"}]

    answer = (await client.post("/v1/customers/batch", json={"items": items})).json()

    assert [result["status"] for result in answer["results"]] == ["created", "failed", "created"]
    assert [one["pointer"] for one in answer["results"][1]["problem"]["errors"]] == ["/name"]


async def test_problems_of_a_batch_speak_the_language_that_is_asked_for(client: httpx.AsyncClient) -> None:
    items = [{}, {"name": "Child", "parent_id": "01890000-0000-7000-8000-000000000000"}]

    answer = (await client.post("/v1/customers/batch", json={"items": items}, headers=CHINESE)).json()

    problems = [result["problem"] for result in answer["results"]]
    assert [problem["title"] for problem in problems] == ["请求体无效", "上级不存在"]
    assert problems[0]["errors"] == [{"pointer": "/name", "code": "missing", "detail": "缺少必填字段"}]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({"limit": "0"}, "参数“limit”：应为 1 到 200 的整数"),
        ({"sort": "name,name"}, "参数“sort”：最多 3 个不同的排序字段"),
        ({"count": "yes"}, "参数“count”：应为 estimate 或 exact"),
        ({"cursor": "W10"}, "参数“cursor”：不是此列表给出的游标"),
        ({"filter": "nam == 'x'"}, "参数“filter”：没有字段“nam”，您是指“name”。（第 1 行，第 1 列）"),
        ({"filter": "name =="}, "参数“filter”：表达式不完整。（第 1 行，第 8 列）"),
    ],
)
async def test_refused_parameters_are_explained_in_chinese(
    client: httpx.AsyncClient, query: dict[str, str], detail: str
) -> None:
    answer = await client.get("/v1/customers", params=query, headers=CHINESE)

    assert (answer.status_code, answer.json()["detail"]) == (400, detail)


@pytest.mark.parametrize(
    ("header", "value", "detail"),
    [
        ("if-match", "1", '参数“If-Match”：应为记录的 ETag，例如 "3"（含引号）'),
        ("crm-deadline-ms", "soon", "参数“crm-deadline-ms”：应为以毫秒计的整数"),
    ],
)
async def test_refused_headers_are_explained_in_chinese(
    client: httpx.AsyncClient, path: str, header: str, value: str, detail: str
) -> None:
    answer = await client.patch(path, json={"grade": "A"}, headers={**CHINESE, header: value})

    problem = answer.json()
    assert (answer.status_code, problem["detail"]) == (400, detail)
    assert problem["correlation_id"] == IsUUID() == answer.headers["x-correlation-id"]


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, "缺少 Authorization 请求头"),
        ({"authorization": "Basic x"}, "Authorization 请求头不是 `Bearer <token>` 形式"),
        ({"authorization": "Bearer x.y.z"}, "令牌格式或签名不正确"),
    ],
)
async def test_a_refusal_to_let_in_is_explained_in_chinese(
    service: RunningService, headers: dict[str, str], why: str
) -> None:
    async with service.as_(None, **CHINESE, **headers) as nobody:
        answer = await nobody.get("/v1/customers")

    assert (answer.status_code, answer.json()["detail"]) == (401, f"请求没有有效的访问令牌：{why}。")


async def test_an_expression_is_explained_in_english_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/customers", params={"filter": "name =="})

    assert answer.json()["detail"] == "Parameter `filter`: The expression ends too early. (line 1, column 8)"


async def test_an_id_may_be_written_in_any_way_that_a_uuid_may(client: httpx.AsyncClient, path: str) -> None:
    collection, _, id = path.rpartition("/")
    spellings = (id.upper(), id.replace("-", ""), f"urn:uuid:{id}", f"{{{id}}}")

    answers = [await client.get(f"{collection}/{spelling}") for spelling in spellings]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert {answer.json()["id"] for answer in answers} == {id}


@pytest.mark.parametrize("id", ["nonsense", "0", "018f-", "0198bd5e-0000-7000-8000-00000000000_"])
async def test_what_is_no_id_is_refused_where_records_are_read_and_where_they_are_changed(
    client: httpx.AsyncClient, id: str
) -> None:
    shown = await client.get(f"/v1/customers/{id}")
    deleted = await client.delete(f"/v1/customers/{id}", headers={"if-match": '"1"'})

    assert (shown.status_code, shown.json()["errors"]) == (400, deleted.json()["errors"])


async def test_a_parameter_that_a_record_does_not_have_is_refused(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"{path}?page=2")

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")
