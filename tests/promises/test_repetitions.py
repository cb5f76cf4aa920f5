"""P5 as a property: whatever requests come with whatever keys at the same time, and whoever gives up waiting."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from itertools import count

import httpx
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE
from tests.promises.conftest import SCALE, Tell

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

HASTE = (None, None, "1", "4", "10")
"""Milliseconds after which a client no longer waits: the request is cancelled wherever it is."""


@dataclass(frozen=True)
class Post:
    """A request: its key, what it says, and how long its client waits."""

    key: int
    content: int
    patience: str | None


POSTS = st.builds(Post, st.integers(0, 2), st.sampled_from([0, 0, 0, 1]), st.sampled_from(HASTE))
BURSTS = st.lists(st.lists(POSTS, min_size=1, max_size=6), min_size=1, max_size=4)

_number = count(1)


@pytest.fixture(scope="module")
async def service(start_shared_service: StartService) -> RunningService:
    return await start_shared_service(SERVICE)


async def send(client: httpx.AsyncClient, run: int, post: Post) -> tuple[Post, httpx.Response]:
    headers = {"idempotency-key": f"{run}/{post.key}"}
    if post.patience is not None:
        headers["crm-deadline-ms"] = post.patience
    body = {"name": f"{run}/{post.key}/{post.content}"}
    return post, await client.post("/v1/customers", json=body, headers=headers)


@seed(SCALE.seed)
@settings(
    max_examples=SCALE.of(25, 500),
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(bursts=BURSTS)
async def test_a_key_has_one_effect_and_one_answer(
    service: RunningService, tell: Tell, bursts: list[list[Post]]
) -> None:
    run, who = next(_number), caller()
    answers: dict[int, list[tuple[Post, httpx.Response]]] = defaultdict(list)
    async with service.as_(who) as client:
        for burst in bursts:
            for post, answer in await asyncio.gather(*(send(client, run, post) for post in burst)):
                answers[post.key].append((post, answer))
        # In the end everybody asks once more, and waits.
        for key in sorted(answers):
            for content in {post.content for post, _ in answers[key]}:
                answers[key].append(await send(client, run, Post(key, content, None)))
    rows = await service.sql("SELECT name FROM customers WHERE tenant_id = $1", who.tenant_id)
    events = await service.sql("SELECT 1 FROM outbox WHERE tenant_id = $1", who.tenant_id)
    entries = await service.sql("SELECT 1 FROM audit_entries WHERE tenant_id = $1", who.tenant_id)

    assert len(rows) == len(events) == len(entries) == len(answers)
    for key, given_ in answers.items():
        (content,) = [row["name"].rpartition("/")[2] for row in rows if row["name"].startswith(f"{run}/{key}/")]
        done = [answer for post, answer in given_ if answer.status_code == 201]
        assert {post.content for post, answer in given_ if answer.status_code == 201} == {int(content)}
        assert len({answer.content for answer in done}) == 1
        assert {answer.status_code for _, answer in given_} <= {201, 422, 504}
        refused = {post.content for post, answer in given_ if answer.status_code == 422}
        assert refused <= {0, 1} - {int(content)}
    tell(f"P5  {SCALE.of(25, 500)} drawn interleavings of concurrent, conflicting and abandoned repetitions, 0 doubles")
