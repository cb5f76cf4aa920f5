"""What a person gets: all records with their meaning, who has received them, and a manifest that proves it."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import orjson
from jsonschema import Draft202012Validator

from crm_platform.audit.certificates import is_genuine
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.subject_access.support import Desk, bundle_of, unpacked


async def posted(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def lived(client: httpx.AsyncClient, desk: Desk) -> dict[str, Any]:
    """A person with whom something has happened, beside another one."""
    who = await desk.person(client)
    await desk.person(client, name="韩梅梅", phone="137 0013 7000", external_refs=[], email="han@other.example")
    talk = {"customer_id": who["id"], "kind": "call", "subject": "报价", "content": "打过电话"}
    await posted(client, "/v1/communications", talk | {"happened_at": "2026-03-01T08:00:00Z"})
    purpose = {"code": "newsletter", "title_zh": "新闻", "title_en": "News", "channels": ["email"]}
    await posted(client, "/v1/consent-purposes", purpose | {"text": {"zh": "同意", "en": "I agree"}})
    about = {"subject_kind": "customer", "subject_id": who["id"], "purpose": "newsletter", "channel": "email"}
    await posted(client, "/v1/consents", about | {"source": "form", "evidence": {"document": "表格 7"}})
    changed = await client.patch(
        f"/v1/customers/{who['id']}", json={"phone": "139 0013 9000"}, headers={"if-match": '"1"'}
    )
    assert changed.status_code == 200, changed.text
    assert (await client.get(f"/v1/subject-keys/{who['id']}")).status_code == 200
    return who


async def test_a_bundle_tells_all_with_what_it_means(client: httpx.AsyncClient, desk: Desk) -> None:
    who = await lived(client, desk)
    files = unpacked(await client.get(bundle_of(await desk.ready(client, who["id"]))))

    def records(name: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = orjson.loads(files[f"data/customer-svc/{name}.json"])
        return items

    (person,) = records("customers")
    assert (person["name"], person["phones"][0]["number"], person["emails"][0]["address"]) == (
        "李雷",
        "+8613900139000",
        "lilei@needle.example",
    )
    assert [one["content"] for one in records("communications")] == ["打过电话"]
    assert [one["evidence"]["document"] for one in records("consents")] == ["表格 7"]
    changes = records("history_of_customers")
    assert [(one["version"], one["action"]) for one in changes] == [(2, "customer.updated"), (1, "customer.created")]
    assert changes[0]["before"]["phones"][0]["number"] == "+8613800138000"
    assert [one["after"]["evidence"]["document"] for one in records("history_of_consents")] == ["表格 7"]
    got = [(one["what"], one["recipient"], one["external_id"]) for one in records("recipients")]
    assert got == [
        ("subject_key.read", desk.agent.actor, None),
        ("known_by_number", "erp", "C-4711"),
    ]
    assert [one["code"] for one in records("purposes")] == ["newsletter"]
    assert orjson.loads(files["data/sales-svc/tickets.json"]) == [{"subject": "<b>needle</b>"}]
    assert "韩梅梅".encode() not in b"".join(files.values())


async def test_every_file_fits_its_schema_and_the_manifest(client: httpx.AsyncClient, desk: Desk) -> None:
    who = await lived(client, desk)
    request = await desk.ready(client, who["id"])
    files = unpacked(await client.get(bundle_of(request)))

    document = orjson.loads(files.pop("manifest.json"))
    assert is_genuine(document, document["public_key"].encode())
    manifest = document["certificate"]
    assert (manifest["request_id"], manifest["subject_id"], manifest["reference"]) == (
        request["id"],
        who["id"],
        "Brief 7",
    )
    listed = {one["path"]: one for one in manifest["files"]}
    assert listed.keys() == files.keys()
    assert all(listed[path]["sha256"] == sha256(content).hexdigest() for path, content in files.items())
    data = [path for path in files if path.startswith("data/")]
    for path in data:
        schema, items = orjson.loads(files[listed[path]["schema"]]), orjson.loads(files[path])
        assert len(items) == listed[path]["records"]
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(items)
    assert len(data) > 10
    withheld = {
        told["record"]: told["withheld"]
        for part in manifest["services"]
        for told in part["records"]
        if told["withheld"]
    }
    assert withheld.keys() <= {"segment", "quality", "merge"}


async def test_a_person_can_read_it_in_both_languages(client: httpx.AsyncClient, desk: Desk) -> None:
    who = await desk.person(client)
    files = unpacked(await client.get(bundle_of(await desk.ready(client, who["id"]))))

    en, zh = (files[f"summary.{language}.html"].decode() for language in ("en", "zh"))
    assert ("What we know of you" in en, "我们持有的您的个人信息" in zh) == (True, True)
    for page in (en, zh):
        assert "+8613800138000" in page
        assert "延安路 1 号" in page
        assert "&lt;b&gt;needle&lt;/b&gt;" in page
        assert "<b>needle" not in page
    assert "What it is about." in en


async def test_pages_of_an_answer_are_put_together_again(client: httpx.AsyncClient, desk: Desk) -> None:
    who = await desk.person(client)
    request = await desk.asked(client, who["id"])
    await desk.own_answer(request)
    first, *others = ("sales-svc", "service-desk-svc", "project-svc", "analytics-svc")
    await desk.answered(request, *others)
    await desk.answered(request, first, page=2, pages=2, items=[{"subject": "zwei"}])
    waiting = (await client.get(f"/v1/subject-access-requests/{request['id']}")).json()
    early = await client.get(bundle_of(request))
    await desk.answered(request, first, page=1, pages=2, items=[{"subject": "eins"}])

    assert (waiting["status"], [one["service"] for one in waiting["parts"] if not one["done_at"]]) == (
        "running",
        [first],
    )
    assert (early.status_code, early.json()["code"]) == (409, "bundle_not_ready")
    assert first in early.json()["detail"]
    files = unpacked(await client.get(bundle_of(request)))
    assert orjson.loads(files["data/sales-svc/tickets.json"]) == [{"subject": "eins"}, {"subject": "zwei"}]


async def test_many_records_travel_in_pages(client: httpx.AsyncClient, desk: Desk, service: RunningService) -> None:
    company = (await client.post("/v1/customers", json={"name": "观心科技"})).json()["id"]
    body = {"name": "王芳", "phone": "13900139000", "title": "采购经理", "links": [{"customer_id": company}]}
    contact = await posted(client, "/v1/contacts", body)
    await service.sql(
        """INSERT INTO consents (tenant_id, id, version, created_at, created_by, updated_at, updated_by, subject_kind,
          subject_id, purpose, channel, status, source, said_at)
        SELECT $1, uuidv7(), 1, now(), 'x', now(), 'x', 'contact', $2, 'p' || n || repeat('长', 300), 'sms', 'given',
          'form', now() FROM generate_series(1, 600) AS n""",
        desk.agent.tenant_id,
        UUID(contact["id"]),
    )

    request = await desk.ready(client, contact["id"], "contact")

    sizes = await service.sql(
        "SELECT page, pages, length(content) FROM access_answers WHERE tenant_id = $1 ORDER BY page",
        desk.agent.tenant_id,
    )
    assert [(row[0], row[1]) for row in sizes] == [(number, len(sizes)) for number in range(1, len(sizes) + 1)]
    assert len(sizes) > 2
    files = unpacked(await client.get(bundle_of(request)))
    told = orjson.loads(files["data/customer-svc/consents.json"])
    assert len({one["id"] for one in told}) == len(told) == 600
    (link,) = orjson.loads(files["data/customer-svc/contact_links.json"])
    assert link == {"contact_id": contact["id"], "customer_id": company, "is_primary": link["is_primary"]}
