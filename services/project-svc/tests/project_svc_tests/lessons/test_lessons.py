from dataclasses import replace
from typing import Any

import httpx
import pytest

from crm_contracts.customer.v1 import CustomerUpdated
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import customer

ACCESS = {
    "category": "technical",
    "effect": "negative",
    "title": "门禁系统接口联调延期",
    "happened": "供应商接口文档与实际不符，联调多花了三周。",
    "cause": "合同未要求提供测试环境。",
    "recommendation": "Ask suppliers for a test environment in the contract.",
}

MEETINGS = {
    "category": "process",
    "effect": "positive",
    "title": "周会缩短到十五分钟",
    "happened": "只谈阻碍，其余写在看板上。",
    "cause": None,
    "recommendation": "Keep meetings short.",
    "industry": "制造",
}


async def record(client: httpx.AsyncClient, project: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/lessons", json={"project_id": project["id"], **ACCESS, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def found(client: httpx.AsyncClient, **params: str) -> list[str]:
    answer = await client.get("/v1/lessons", params=params)
    assert answer.status_code == 200, answer.text
    return sorted(item["title"] for item in answer.json()["items"])


async def test_the_next_project_finds_what_another_one_has_taught(
    client: httpx.AsyncClient, open_project: OpenProject, service: RunningService, agent: Caller
) -> None:
    project = await open_project(template="implementation")
    other = await open_project(name="供应链平台")
    known = customer(id=project["customer_id"], version=2).model_copy(update={"industry": "物业管理"})
    await deliver(service, CustomerUpdated(state=known, changed=("industry",)), tenant_id=agent.tenant_id)
    lesson = await record(client, project)
    await record(client, other, **MEETINGS)
    stranger = service.as_(replace(agent, id=new_id(), visibility="own", team_ids=()))

    assert {name: lesson[name] for name in ACCESS} == ACCESS
    assert (lesson["template"], lesson["industry"]) == ("implementation", "物业管理")
    assert (lesson["customer_id"], lesson["created_by"]) == (project["customer_id"], agent.actor)
    async with stranger as colleague:
        assert (await colleague.get(f"/v1/projects/{project['id']}")).status_code == 404
        assert await found(colleague, q="门禁") == [lesson["title"]]
        assert await found(colleague, q="测试环境") == [lesson["title"]]
    assert await found(client, q="test environment") == [lesson["title"]]
    assert await found(client, q="门禁系统借口", match="similar") == [lesson["title"]]
    assert await found(client, q="电梯") == []
    assert await found(client, filter="template == 'implementation' && category == 'technical'") == [lesson["title"]]
    assert await found(client, filter="industry == '制造' && effect == 'positive'") == ["周会缩短到十五分钟"]
    assert await found(client, q="联调", filter=f"customer_id == '{project['customer_id']}'") == [lesson["title"]]


async def test_a_lesson_is_worded_anew_and_withdrawn(
    client: httpx.AsyncClient, open_project: OpenProject, service: RunningService
) -> None:
    lesson = await record(client, await open_project())
    url, first = f"/v1/lessons/{lesson['id']}", {"if-match": '"1"'}

    changed = await client.patch(url, json={"cause": None, "title": "接口延期"}, headers=first)
    late = await client.patch(url, json={"title": "另一个"}, headers=first)
    after_words = await found(client, q="接口延期"), await found(client, q="合同未要求")
    gone = await client.delete(url, headers={"if-match": '"2"'})

    assert (changed.json()["title"], changed.json()["cause"]) == ("接口延期", None)
    assert (late.status_code, late.json()["code"]) == (412, "version_mismatch")
    assert after_words == (["接口延期"], [])
    assert (gone.status_code, (await client.get(url)).status_code) == (204, 404)
    events = await service.sql("SELECT type FROM outbox WHERE aggregate_id = $1 ORDER BY id", lesson["id"])
    assert [row["type"] for row in events] == ["lesson.recorded", "lesson.updated", "lesson.withdrawn"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [({"title": ""}, "/title"), ({"effect": "good"}, "/effect"), ({"happened": "x" * 2001}, "/happened")],
)
async def test_what_is_wrong_is_named(
    client: httpx.AsyncClient, open_project: OpenProject, wrong: dict[str, str], pointer: str
) -> None:
    project = await open_project()

    refused = await client.post("/v1/lessons", json={"project_id": project["id"], **ACCESS, **wrong})
    nowhere = await client.post("/v1/lessons", json={"project_id": str(new_id()), **ACCESS})

    assert (refused.status_code, [one["pointer"] for one in refused.json()["errors"]]) == (422, [pointer])
    assert (nowhere.status_code, nowhere.json()["code"]) == (409, "unknown_project")
    assert await found(client) == []
