import hashlib
import io
import zipfile
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_platform.files.sniffing import media_type_of
from crm_platform.ids import new_id
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, done

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def archive(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (archive("[Content_Types].xml", "word/document.xml"), DOCX),
        (archive("a.txt"), "application/zip"),
        ("验收通过\n".encode(), "text/plain"),
        ("\ufeff验收通过".encode(), "text/plain"),
        (b"<svg onload=alert(1)>", None),
        (b"\n <!DOCTYPE html>", None),
        (b"MZ\x90\x00", None),
        (b"PK\x03\x04 broken", None),
        ("验收".encode("gbk"), None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, media_type: str | None) -> None:
    assert media_type_of(content) == media_type


@given(st.binary(max_size=200))
def test_nothing_that_a_browser_runs_is_taken_for_text(content: bytes) -> None:
    found = media_type_of(content)

    assert found != "text/plain" or not content.decode("utf-8-sig").lstrip().startswith("<")
    assert media_type_of(b"PK\x03\x04" + content) in {None, "application/zip"}


async def delivery_of(client: httpx.AsyncClient, project: dict[str, Any]) -> dict[str, Any]:
    body = {"project_id": project["id"], "name": "验收报告", "due_on": "2199-12-31"}
    made: dict[str, Any] = (await client.post("/v1/deliveries", json=body)).json()
    return made


async def test_a_document_becomes_evidence_and_comes_back_as_it_was(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    delivery = await delivery_of(client, await open_project())
    url = f"/v1/deliveries/{delivery['id']}/documents"
    named = {"name": '测试报告 "终稿".pdf'}

    added = await client.post(url, params=named, content=PDF, headers={"content-type": "application/pdf"})
    document = added.json()
    given = [{"document_id": document["id"]}, {"url": "https://wiki.example/r/1", "name": "评审记录"}]
    await done(client, f"deliveries/{delivery['id']}", "start")
    submitted = (await act(client, f"deliveries/{delivery['id']}", "submit", 2, evidence=given, notes="终稿")).json()
    shown = (await client.get(f"/v1/delivery-documents/{document['id']}")).json()
    got = await client.get(f"/v1/delivery-documents/{document['id']}/content")

    sha = hashlib.sha256(PDF).hexdigest()
    assert (added.status_code, added.headers["location"]) == (201, f"/v1/delivery-documents/{document['id']}")
    assert (document["media_type"], document["size"], document["sha256"]) == ("application/pdf", len(PDF), sha)
    assert shown == document
    version = submitted["versions"][0]
    assert version["notes"] == "终稿"
    assert version["evidence"] == [
        {
            "kind": "document",
            "name": named["name"],
            "url": None,
            "document_id": document["id"],
            "media_type": "application/pdf",
            "size": len(PDF),
            "sha256": sha,
        },
        {
            "kind": "link",
            "name": "评审记录",
            "url": "https://wiki.example/r/1",
            "document_id": None,
            "media_type": None,
            "size": None,
            "sha256": None,
        },
    ]
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, PDF, "application/pdf")
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E6%B5%8B")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert [one["id"] for one in (await client.get(url)).json()["items"]] == [document["id"]]


@pytest.mark.parametrize(
    ("content", "declared", "status", "code"),
    [
        (b"", "application/pdf", 422, "empty_document"),
        (b"<html><script>1</script>", "text/html", 415, "document_type_not_taken"),
        (PDF, "image/png", 415, "document_type_not_taken"),
        (b"MZ\x90\x00\x03", "application/octet-stream", 415, "document_type_not_taken"),
        (b"%PDF-" + b"x" * (4 << 20), "application/pdf", 413, "payload_too_large"),
    ],
)
async def test_what_is_not_taken_leaves_nothing(
    client: httpx.AsyncClient, open_project: OpenProject, content: bytes, declared: str, status: int, code: str
) -> None:
    delivery = await delivery_of(client, await open_project())
    url = f"/v1/deliveries/{delivery['id']}/documents"

    answer = await client.post(url, content=content, headers={"content-type": declared})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await client.get(url)).json()["items"] == []


async def test_evidence_is_a_document_of_the_same_delivery(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    project = await open_project()
    one, other = await delivery_of(client, project), await delivery_of(client, project)
    document = (await client.post(f"/v1/deliveries/{other['id']}/documents", content=PDF)).json()
    await done(client, f"deliveries/{one['id']}", "start")

    answer = await act(client, f"deliveries/{one['id']}", "submit", 2, evidence=[{"document_id": document["id"]}])
    got = [await client.get(f"/v1/delivery-documents/{new_id()}{more}") for more in ("", "/content")]

    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_document")
    assert [(one.status_code, one.json()["code"]) for one in got] == [(404, "not_found")] * 2
