"""Documents of all kinds of records: their versions, their rights, and what goes with them."""

import asyncio
import hashlib
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.operations.kinds import Ahead, NoInput
from crm_platform.runtime import Runtime
from crm_platform.testing.plugin import RunningService
from project_svc.documents.operations import ORPHANS
from project_svc_tests.conftest import OpenProject
from project_svc_tests.documents.test_documents import PDF, delivery_of
from project_svc_tests.support import act, done

RISK = {"title": "供应商延期", "category": "contract", "probability": 2, "impact": 2}
ISSUE = {"title": "门禁误报", "severity": "high"}
GATE = {"name": "上线评审", "kind": "technical", "planned_on": "2026-06-30"}
ACTION = {"title": "更换固件", "due_on": "2199-01-01"}
CHANGE = {"title": "增加移动端", "rationale": "客户要求", "category": "scope", "edits": {}}
OUTCOME = {"name": "处理时长", "unit": "小时", "direction": "decrease", "baseline": "20", "target": "10"}


async def add(client: httpx.AsyncClient, kind: str, id: str, content: bytes = PDF, **params: str) -> httpx.Response:
    return await client.post("/v1/documents", params={"record_kind": kind, "record_id": id, **params}, content=content)


async def names(client: httpx.AsyncClient, filter_: str = "size > 0") -> list[str]:
    answer = await client.get("/v1/documents", params={"filter": filter_})
    assert answer.status_code == 200, answer.text
    return sorted(item["name"] for item in answer.json()["items"])


@pytest.mark.parametrize(
    ("kind", "path", "body"),
    [
        ("risk", "risks", RISK),
        ("issue", "issues", ISSUE),
        ("quality_gate", "quality-gates", GATE),
        ("corrective_action", "corrective-actions", ACTION),
        ("change_request", "change-requests", CHANGE),
        ("outcome", "outcomes", OUTCOME),
        ("task", "tasks", {"name": "布线"}),
    ],
)
async def test_records_of_all_kinds_have_documents(
    client: httpx.AsyncClient, open_project: OpenProject, kind: str, path: str, body: dict[str, Any]
) -> None:
    project = await open_project()
    made = await client.post(f"/v1/{path}", json={"project_id": project["id"], **body})
    assert made.status_code == 201, made.text

    added = await add(client, kind, made.json()["id"], name="会议纪要.pdf")
    nowhere = await add(client, kind, str(new_id()))

    document = added.json()
    assert (added.status_code, added.headers["location"]) == (201, f"/v1/documents/{document['id']}")
    assert (document["record_kind"], document["project_id"]) == (kind, project["id"])
    assert (document["customer_id"], document["delivery_id"]) == (project["customer_id"], None)
    assert (document["number"], document["series_id"], document["superseded_by"]) == (1, document["id"], None)
    assert (nowhere.status_code, nowhere.json()["code"]) == (409, "unknown_record")
    assert await names(client, f"record_id == '{made.json()['id']}'") == ["会议纪要.pdf"]


async def test_a_document_has_versions_that_stay(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    project, other = await open_project(), await open_project(name="供应链平台")
    first = (await add(client, "project", project["id"], b"first", name="方案.txt")).json()
    second = (await add(client, "project", project["id"], b"second", name="方案.txt", replaces=first["id"])).json()

    both = await asyncio.gather(
        *(add(client, "project", project["id"], b"third", name="方案.txt", replaces=second["id"]) for _ in range(2))
    )
    wrong = [
        await add(client, "project", project["id"], replaces=first["id"]),
        await add(client, "project", other["id"], replaces=second["id"]),
        await add(client, "project", project["id"], replaces=str(new_id())),
    ]
    third = next(one.json() for one in both if one.status_code == 201)
    gone = await client.delete(f"/v1/documents/{second['id']}", headers={"if-match": '"2"'})
    left = (await client.get(f"/v1/documents/{first['id']}")).json()

    assert (second["number"], second["series_id"]) == (2, first["id"])
    assert sorted(one.status_code for one in both) == [201, 409]
    assert [one.json()["code"] for one in wrong] == [
        *("document_superseded", "document_of_another_record", "unknown_document")
    ]
    assert (gone.status_code, left["superseded_by"], third["number"]) == (204, third["id"], 3)
    got = [await client.get(f"/v1/documents/{one['id']}/content") for one in (first, third, second)]
    assert [(one.status_code, one.content) for one in got[:2]] == [(200, b"first"), (200, b"third")]
    assert (got[2].status_code, third["sha256"]) == (404, hashlib.sha256(b"third").hexdigest())


async def test_rights_are_those_of_the_record(
    client: httpx.AsyncClient, open_project: OpenProject, service: RunningService, agent: Caller
) -> None:
    project = await open_project()
    risk = (await client.post("/v1/risks", json={"project_id": project["id"], **RISK})).json()
    document = (await add(client, "risk", risk["id"], name="评估.pdf")).json()
    await add(client, "project", project["id"], name="章程.pdf")
    url = f"/v1/documents/{document['id']}"
    planner = replace(agent, scopes=frozenset({"projects:read", "projects:write"}))
    stranger = replace(agent, id=new_id(), visibility="own", team_ids=())

    async with service.as_(planner) as allowed, service.as_(stranger) as blind:
        refused = [
            *[await allowed.get(one) for one in (url, f"{url}/content")],
            await allowed.delete(url, headers={"if-match": '"1"'}),
            await add(allowed, "risk", risk["id"]),
        ]
        assert {(one.status_code, one.json()["code"]) for one in refused} == {(403, "forbidden")}
        assert await names(allowed) == ["章程.pdf"]
        hidden = [await blind.get(one) for one in (url, f"{url}/content")]
        hidden.append(await blind.delete(url, headers={"if-match": '"1"'}))
        assert {(one.status_code, one.json()["code"]) for one in hidden} == {(404, "not_found")}
        assert (await add(blind, "risk", risk["id"])).json()["code"] == "unknown_record"
        assert await names(blind) == []
    assert await names(client) == ["章程.pdf", "评估.pdf"]


async def test_documents_of_an_action_go_with_it_to_another_person(
    client: httpx.AsyncClient, open_project: OpenProject, service: RunningService, agent: Caller
) -> None:
    project = await open_project()
    made = (await client.post("/v1/corrective-actions", json={"project_id": project["id"], **ACTION})).json()
    path = f"/v1/corrective-actions/{made['id']}"
    first = (await add(client, "corrective_action", made["id"])).json()
    last = (await add(client, "corrective_action", made["id"], replaces=first["id"])).json()
    beside = (await add(client, "project", project["id"])).json()
    mate = replace(agent, id=new_id(), visibility="own", team_ids=())
    before = replace(agent, visibility="own", team_ids=())

    async with service.as_(mate) as theirs, service.as_(before) as mine:
        unseen = [(await theirs.get(f"/v1/documents/{one['id']}/content")).status_code for one in (first, last)]
        patch = {"owner_id": str(mate.id)}
        answer = await mine.patch(path, json=patch, headers={"if-match": '"1"'})
        seen = [(await theirs.get(f"/v1/documents/{one['id']}/content")).status_code for one in (first, last)]
        no_more = [(await mine.get(f"/v1/documents/{one['id']}/content")).status_code for one in (first, last, beside)]
        renamed = await theirs.patch(path, json={"title": "更换门禁固件"}, headers={"if-match": '"2"'})

    assert (answer.status_code, renamed.status_code) == (200, 200)
    assert (unseen, seen, no_more) == ([404, 404], [200, 200], [404, 404, 200])
    found = [(await client.get(f"/v1/documents/{one['id']}")).json() for one in (first, last, beside)]
    assert [(one["version"], one["owner_id"]) for one in found] == [
        *((3, str(mate.id)), (2, str(mate.id)), (1, str(agent.id))),
    ]


async def test_what_a_customer_was_handed_stays(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    delivery = await delivery_of(client, await open_project())
    used, unused = [(await add(client, "delivery", delivery["id"])).json() for _ in range(2)]
    await done(client, f"deliveries/{delivery['id']}", "start")
    await act(client, f"deliveries/{delivery['id']}", "submit", 2, evidence=[{"document_id": used["id"]}])

    kept = await client.delete(f"/v1/documents/{used['id']}", headers={"if-match": '"1"'})
    gone = await client.delete(f"/v1/documents/{unused['id']}", headers={"if-match": '"1"'})
    old_way = await client.get(f"/v1/delivery-documents/{used['id']}/content")
    of_project = (await add(client, "project", delivery["project_id"])).json()
    no_delivery = await client.get(f"/v1/delivery-documents/{of_project['id']}")

    assert (kept.status_code, kept.json()["code"], gone.status_code) == (409, "document_is_evidence", 204)
    assert (old_way.content, no_delivery.status_code) == (PDF, 404)
    assert await names(client, f"delivery_id == '{delivery['id']}'") == [used["name"]]


async def test_a_closed_project_takes_no_more(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    project = await open_project()
    cancelled = await done(client, f"projects/{project['id']}", "cancel")

    refused = await add(client, "project", project["id"])

    assert (cancelled["status"], refused.status_code, refused.json()["code"]) == ("cancelled", 409, "project_ended")
    assert await names(client) == []


async def test_contents_without_a_document_are_swept(
    client: httpx.AsyncClient, open_project: OpenProject, service: RunningService, agent: Caller
) -> None:
    project = await open_project()
    kept, removed = [(await add(client, "project", project["id"])).json() for _ in range(2)]
    await client.delete(f"/v1/documents/{removed['id']}", headers={"if-match": '"1"'})
    runtime: Runtime = service.app.state.runtime
    objects, tenant = runtime.objects, agent.tenant_id

    async def content() -> Any:
        yield b"written by a process that was killed before the record"

    left, fresh = [f"delivery-documents/{new_id()}" for _ in range(2)]
    for name in (left, fresh):
        await objects.put(tenant, name, content())
    folder = Path(urlsplit(service.settings.objects.url).path) / str(tenant)
    long_ago = (utc_now() - timedelta(hours=3)).timestamp()
    for name in (left, *(f"delivery-documents/{one['id']}" for one in (kept, removed))):
        os.utime(folder / name, (long_ago, long_ago))
    unused: Any = None
    ahead = Ahead(
        id=new_id(),
        tenant_id=tenant,
        caller=None,
        input=NoInput(),
        cursor=None,
        compute=unused,
        database=runtime.database,
        objects=runtime.objects,
    )

    assert ORPHANS.kind.prepare is not None
    counts = [await ORPHANS.kind.prepare(ahead) for _ in range(2)]

    assert counts == [2, 0]
    assert await objects.names(tenant, "delivery-documents") == sorted([f"delivery-documents/{kept['id']}", fresh])
    assert (await client.get(f"/v1/documents/{kept['id']}/content")).content == PDF
