"""Dead letters over the operator's endpoints of a worker process."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from crm_contracts.inbound.v1 import ErpCustomerChanged
from crm_platform.context import Caller
from crm_platform.events.kafka import KafkaOptions, new_producer, stop_quietly
from crm_platform.operator import operator_routes
from crm_platform.settings import DatabaseSettings, ServiceSettings
from crm_platform.testing.events import send_inbound
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.sealing import SEALING
from crm_platform.testing.waiting import until
from crm_platform.worker import Worker
from customer_svc.slices import SERVICE
from platform_tests.observability.processes import Running
from platform_tests.worker.support import OPERATOR, letters, operator, pending, settled

PATHS = [
    ("GET", "dead-letters"),
    ("GET", "dead-letters/1"),
    ("POST", "dead-letters/redrive"),
    ("POST", "dead-letters/1/redrive"),
    ("POST", "dead-letters/1/discard"),
    ("POST", "replay"),
    ("GET", "replay"),
]


async def send_garbage(service: RunningService, *values: bytes) -> None:
    """Put records that are no events on the topic of another system."""
    kafka = service.settings.kafka
    options = KafkaOptions(
        bootstrap=kafka.bootstrap, partitions=kafka.partitions, topic_prefix=kafka.topic_prefix, request_timeout=30
    )
    producer: Any = await new_producer(options, "test")
    try:
        for value in values:
            await producer.send_and_wait(kafka.topic_prefix + ErpCustomerChanged.topic, value, key=b"x")
    finally:
        await stop_quietly(producer)


def changed(number: str, *, revision: int = 1, days: int = 30) -> ErpCustomerChanged:
    """A change of a customer that we do not know yet."""
    return ErpCustomerChanged(
        external_id=number, revision=revision, payment_terms_days=days, changed=("payment_terms_days",)
    )


async def test_operators_need_their_token(shared_process: Running) -> None:
    wrong: list[dict[str, str]] = [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer wrong"},
        {"authorization": OPERATOR["authorization"] + "x"},
        {"authorization": OPERATOR["authorization"].removeprefix("Bearer ")},
        {"authorization": OPERATOR["authorization"].replace("Bearer", "Basic")},
    ]
    for method, path in PATHS:
        for headers in wrong:
            answer = await shared_process.client.request(method, f"/operator/{path}", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), (path, headers)
        assert (await operator(shared_process, method, path)).status_code != 401


@pytest.mark.parametrize("token", [None, SecretStr("")])
async def test_without_a_token_in_the_settings_nobody_is_an_operator(token: SecretStr | None) -> None:
    settings = ServiceSettings(
        service=SERVICE.name,
        db=DatabaseSettings(url="postgresql://127.0.0.1/none"),
        operator_token=token,
        sealing=SEALING,
    )
    transport = httpx.ASGITransport(Starlette(routes=operator_routes(Worker(SERVICE, settings))))
    async with httpx.AsyncClient(transport=transport, base_url="http://worker.test") as client:
        for method, path in PATHS:
            for value in ("", "Bearer", "Bearer None", "Bearer **********"):
                answer = await client.request(method, f"/operator/{path}", headers={"authorization": value})
                assert answer.status_code == 401, (path, value)


@pytest.fixture
async def last(shared_process: Running) -> int:
    """The last dead letter of the tests before."""
    return max((letter["id"] for letter in await letters(shared_process, status="all", limit=1000)), default=0)


async def test_what_cannot_be_handled_is_listed_shown_handled_again_or_given_up(
    shared_process: Running,
    shared_service: RunningService,
    agent: Caller,
    shared_client: httpx.AsyncClient,
    last: int,
) -> None:
    process, service, client = shared_process, shared_service, shared_client
    message_id = await send_inbound(service, changed("C-1"), tenant_id=agent.tenant_id, key="C-1")
    await send_garbage(service, b"no json")
    found = {letter["kind"]: letter for letter in await pending(process, 2, after=last)}
    failed, malformed = found["failed"], found["malformed"]

    assert failed["type"] == "erp.customer_changed"
    assert (failed["event_id"], failed["tenant_id"]) == (str(message_id), str(agent.tenant_id))
    assert failed["reason"].startswith("NamelessCustomer")
    assert (failed["attempts"], malformed["attempts"]) == (3, 0)
    assert (malformed["tenant_id"], malformed["event_id"]) == (None, None)
    shown = (await operator(process, "GET", f"dead-letters/{failed['id']}")).json()
    assert {name: shown[name] for name in failed} == failed
    assert shown["headers"]["ce_id"] == str(message_id)
    assert ErpCustomerChanged.model_validate_json(shown["payload"]) == changed("C-1")
    assert (await operator(process, "GET", f"dead-letters/{malformed['id']}")).json()["payload"] == "no json"

    known = {"name": "Acme", "external_refs": [{"system": "erp", "external_id": "C-1"}]}
    customer = await client.post("/v1/customers", json=known)
    again = await operator(process, "POST", f"dead-letters/{failed['id']}/redrive")
    assert (again.status_code, again.json()) == (202, {"requested": 1})
    done = await settled(process, failed["id"], "redriven")
    assert done["settled_by"] == "worker"
    after = (await client.get(customer.headers["location"])).json()
    assert (after["payment_terms_days"], after["version"]) == (30, 2)

    given_up = await operator(process, "POST", f"dead-letters/{malformed['id']}/discard")
    assert (given_up.status_code, given_up.json()) == (200, {"discarded": malformed["id"]})
    assert await letters(process, after=last) == []
    assert {one["status"] for one in await letters(process, after=last, status="all")} == {"redriven", "discarded"}
    (settled_letter,) = await letters(process, after=last, status="discarded")
    assert settled_letter["id"] == malformed["id"]
    assert settled_letter["settled_by"] == "operator"
    for number in (failed["id"], malformed["id"]):
        refused = await operator(process, "POST", f"dead-letters/{number}/discard")
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        repeated = await operator(process, "POST", f"dead-letters/{number}/redrive")
        assert (repeated.status_code, repeated.json()["code"]) == (404, "not_found")


async def pages_follow_each_other(process: Running, last: int) -> None:
    ids = [letter["id"] for letter in await letters(process, after=last)]
    assert ids == sorted(ids)
    assert [letter["id"] for letter in await letters(process, limit=2, after=last)] == ids[:2]
    assert [letter["id"] for letter in await letters(process, limit=2, after=ids[1])] == ids[2:4]
    assert [letter["id"] for letter in await letters(process, after=ids[-1])] == []
    assert [letter["id"] for letter in await letters(process, limit=10**9, after=last)] == ids


async def test_what_fails_again_stays_and_says_why(
    shared_process: Running,
    shared_service: RunningService,
    agent: Caller,
    shared_client: httpx.AsyncClient,
    last: int,
) -> None:
    process, service, client = shared_process, shared_service, shared_client
    for number in ("A", "B", "C"):
        await send_inbound(service, changed(number), tenant_id=agent.tenant_id, key=number)
    await pending(process, 3, after=last)
    await pages_follow_each_other(process, last)
    body = {"name": "Bee", "external_refs": [{"system": "erp", "external_id": "B"}]}
    assert (await client.post("/v1/customers", json=body)).status_code == 201

    everything = await operator(process, "POST", "dead-letters/redrive")
    assert (everything.status_code, everything.json()) == (202, {"requested": 3})

    async def tried() -> list[dict[str, Any]]:
        found = await letters(process, after=last)
        return found if [letter["attempts"] for letter in found] == [4, 4] else []

    left = await until(tried)
    assert all(letter["reason"].startswith("NamelessCustomer") for letter in left)
    assert all(letter["redrive_requested_at"] is None for letter in left)
    assert (await client.get("/v1/customers")).json()["items"][0]["payment_terms_days"] == 30
    for letter in left:
        assert (await operator(process, "POST", f"dead-letters/{letter['id']}/discard")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "dead-letters?status=lost", 400, "invalid_parameter"),
        ("GET", "dead-letters?limit=many", 400, "invalid_parameter"),
        ("GET", "dead-letters?limit=-1", 400, "invalid_parameter"),
        ("GET", "dead-letters?after=9223372036854775808", 400, "invalid_parameter"),
        ("GET", "dead-letters/4711", 404, "not_found"),
        ("POST", "dead-letters/4711/redrive", 404, "not_found"),
        ("POST", "dead-letters/4711/discard", 404, "not_found"),
        ("GET", f"dead-letters/{2**63}", 404, "not_found"),
        ("POST", f"dead-letters/{2**63}/redrive", 404, "not_found"),
        ("POST", f"dead-letters/{10**60}/discard", 404, "not_found"),
    ],
)
async def test_what_operators_cannot_ask_is_refused(
    shared_process: Running, method: str, path: str, status: int, code: str
) -> None:
    answer = await operator(shared_process, method, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_paths_and_methods_that_do_not_exist_are_refused(shared_process: Running) -> None:
    answers = [
        await operator(shared_process, method, path)
        for method, path in (("GET", "nothing"), ("GET", "dead-letters/x"), ("DELETE", "dead-letters"))
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 405]
