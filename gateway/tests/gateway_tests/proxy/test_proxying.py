import httpx
import pytest

from crm_platform.context import Caller
from gateway_tests.serving import API_KEY, GatewayParts, RunningGateway, ServiceDouble, StartGateway, serve

ID = "0199b7a0-0000-7000-8000-000000000001"
PATH = f"/v1/customers/{ID}"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_method_path_query_and_body_arrive_as_they_were_sent(
    client: httpx.AsyncClient, customers: ServiceDouble, method: str
) -> None:
    customers.answer(PATH, {"name": "上海贸易"}, 202, etag='"7"')
    query = "filter=name%20%3D%3D%20%27%E4%B8%8A%27&limit=5&limit=6"

    answer = await client.request(method, f"/api{PATH}?{query}", content='{"name": "上海"}'.encode())

    assert (answer.status_code, answer.json(), answer.headers["etag"]) == (202, {"name": "上海贸易"}, '"7"')
    [seen] = customers.requests
    assert (seen.method, seen.path, seen.query) == (method, PATH, query)
    assert seen.body.decode() == '{"name": "上海"}'


async def test_head_has_the_headers_of_get_and_no_body(client: httpx.AsyncClient, customers: ServiceDouble) -> None:
    customers.answer(PATH, {"name": "Acme"}, etag='"7"')

    answer = await client.head(f"/api{PATH}")

    assert (answer.status_code, answer.content, answer.headers["etag"]) == (200, b"", '"7"')
    assert answer.headers["content-length"] == "15"


@pytest.mark.parametrize("status", [204, 304])
async def test_answer_without_body(client: httpx.AsyncClient, customers: ServiceDouble, status: int) -> None:
    customers.answers[PATH] = (status, {"etag": '"7"'}, b"")

    answer = await client.get(f"/api{PATH}")

    assert (answer.status_code, answer.content, answer.headers["etag"]) == (status, b"", '"7"')


@pytest.mark.parametrize("status", [400, 404, 409, 412, 422, 500, 503])
async def test_problems_of_the_service_are_passed_on_unchanged(
    client: httpx.AsyncClient, customers: ServiceDouble, status: int
) -> None:
    problem = {"type": "urn:guanxi:problem:some_code", "status": status, "detail": "某个原因"}
    customers.answer(PATH, problem, status, content_type="application/problem+json")

    answer = await client.get(f"/api{PATH}")

    assert (answer.status_code, answer.json()) == (status, problem)
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(customers.requests) == 1


async def test_addresses_in_the_answer_are_those_of_the_gateway(
    client: httpx.AsyncClient, customers: ServiceDouble
) -> None:
    customers.answer("/v1/customers", {}, 201, location=PATH, content_location="/v1/customers?x=/v1/customers")

    answer = await client.post("/api/v1/customers", json={})

    assert answer.headers["location"] == f"/api{PATH}"
    assert answer.headers["content-location"] == "/api/v1/customers?x=/v1/customers"


async def test_redirects_are_passed_on_and_not_followed(client: httpx.AsyncClient, customers: ServiceDouble) -> None:
    customers.answer(PATH, {}, 307, location="https://elsewhere.test/v1/customers")

    answer = await client.get(f"/api{PATH}")

    assert (answer.status_code, answer.headers["location"]) == (307, "https://elsewhere.test/v1/customers")
    assert len(customers.requests) == 1


async def test_a_bearer_token_is_forwarded_as_it_is(
    client: httpx.AsyncClient, gateway: RunningGateway, customers: ServiceDouble
) -> None:
    await client.get(f"/api{PATH}")

    assert customers.requests[0].header("authorization") == client.headers["authorization"]
    assert gateway.tokens_made == []


@pytest.mark.parametrize("headers", [{"x-api-key": API_KEY}, {"authorization": f"Bearer {API_KEY}"}])
async def test_an_api_key_stays_here_and_a_token_of_its_holder_goes_on(
    gateway: RunningGateway, customers: ServiceDouble, headers: dict[str, str], parts: GatewayParts
) -> None:
    async with gateway.client(None, **headers) as client:
        await client.get(f"/api{PATH}")

    [seen] = customers.requests
    [holder] = gateway.tokens_made
    kind, _, token = (seen.header("authorization") or "").partition(" ")
    assert (kind, token.count(".")) == ("Bearer", 2)
    assert holder == parts.key_holder
    assert seen.header("x-api-key") is None
    assert API_KEY not in str(seen.headers)


async def test_without_a_caller_nothing_is_sent_on(gateway: RunningGateway, customers: ServiceDouble) -> None:
    async with gateway.client() as client:
        answer = await client.post("/api/v1/customers", json={})

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["instance"]) == (401, "unauthenticated", "/api/v1/customers")
    assert answer.headers["www-authenticate"] == 'Bearer realm="crm"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert customers.requests == []


async def test_an_address_with_a_secret_of_its_own_is_sent_on_without_a_caller(
    gateway: RunningGateway, customers: ServiceDouble
) -> None:
    async with gateway.client() as client:
        await client.get("/api/v1/calendars/ab.ics?secret=x", headers={"crm-client-address": "203.0.113.77"})

    [seen] = customers.requests
    assert seen.header("crm-client-address") == "127.0.0.1"
    assert (seen.path, seen.query) == ("/v1/calendars/ab.ics", "secret=x")
    assert seen.header("authorization") is None
    assert gateway.tokens_made == []


async def test_what_the_gateway_tells_the_service(client: httpx.AsyncClient, customers: ServiceDouble) -> None:
    correlation_id = "0199b7a0-0000-7000-8000-00000000000c"
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    headers = {"x-correlation-id": correlation_id, "traceparent": trace, "crm-deadline-ms": "5000"}

    answer = await client.get(f"/api{PATH}", headers=headers)

    [seen] = customers.requests
    assert seen.header("x-correlation-id") == answer.headers["x-correlation-id"] == correlation_id
    assert (seen.header("traceparent") or "").split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    assert 4000 < int(seen.header("crm-deadline-ms") or 0) < 5000
    names = [name for name, _ in seen.headers]
    assert len(names) == len(set(names))


async def test_a_trace_begins_here_where_the_client_brings_none(
    client: httpx.AsyncClient, customers: ServiceDouble
) -> None:
    await client.get(f"/api{PATH}")

    assert len(customers.requests[0].header("traceparent") or "") == 55


async def test_allowance_headers_are_those_of_the_gateway(client: httpx.AsyncClient, customers: ServiceDouble) -> None:
    customers.answer(PATH, {}, ratelimit='"default";r=1;t=1', ratelimit_policy='"default";q=2;w=60')

    answer = await client.get(f"/api{PATH}")

    assert answer.headers.get_list("ratelimit-policy") == ['"default";q=6000;w=60']
    assert len(answer.headers.get_list("ratelimit")) == 1


async def test_metrics_have_few_labels(start_gateway: StartGateway, agent: Caller) -> None:
    async with serve(ServiceDouble()) as serving:
        gateway = await start_gateway({"customer-svc": serving.url})
        async with gateway.client(agent) as client:
            metrics = await _call_and_scrape(client)

    def line(method: str, route: str, count: int) -> str:
        return f'crm_http_requests_total{{method="{method}",route="{route}",status="404"}} {count}.0'

    assert line("GET", "/api/v1/customers", 1) in metrics
    assert line("GET", "/api/v1/customers/{id}", 2) in metrics
    assert line("POST", "/api/v1/customers/{id}/*", 1) in metrics
    assert line("POST", "/api/v1/customers/*", 1) in metrics
    assert 'crm_gateway_upstream_calls_total{service="customer-svc"} 5.0' in metrics
    assert 'crm_gateway_upstream_in_flight{service="customer-svc"} 0.0' in metrics


async def _call_and_scrape(client: httpx.AsyncClient) -> str:
    await client.get("/api/v1/customers")
    await client.get(f"/api{PATH}")
    await client.get("/api/v1/customers/0199b7a0-0000-7000-8000-000000000002")
    await client.post(f"/api{PATH}/activate")
    await client.post("/api/v1/customers/batch")

    return (await client.get("/metrics")).text


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/v1/customers", "/api/v2/customers", "/api/v1/%63ustomers"])
async def test_other_paths_are_the_gateways_own(client: httpx.AsyncClient, customers: ServiceDouble, path: str) -> None:
    answer = await client.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_path")
    assert customers.requests == []


async def test_a_collection_whose_service_has_no_address(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/orders", headers={"accept-language": "zh"})

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert answer.json()["detail"] == "服务“sales-svc”暂时没有响应，请稍后重试。"
