"""A closing report from its submission to the last signature, and what it keeps."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from project_svc_tests.closing_reports.support import CHARTER, VERDICTS, completed, lived
from project_svc_tests.execution.support import Site
from project_svc_tests.outcome_reports.test_reports import HOSTILE, Page, text_of
from project_svc_tests.support import act


@pytest.fixture
def auditor(who: Caller) -> Caller:
    """A third user of the company."""
    return colleague(who)


@pytest.fixture
async def third(shared: RunningService, auditor: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with shared.as_(auditor) as client:
        yield client


async def submit(site: Site, *signers: Caller, **fields: Any) -> httpx.Response:
    body = {
        "project_id": str(site.planner.project_id),
        "summary": "按合同交付",
        "signer_ids": [str(one.id) for one in signers],
        **fields,
    }
    return await site.api.post("/v1/closing-reports", json=body)


async def test_a_report_keeps_what_was_on_record(site: Site, above: httpx.AsyncClient, boss: Caller) -> None:
    project = await lived(site, **CHARTER, name=f"智慧园区 {HOSTILE}")
    report = (await submit(site, boss, verdicts=VERDICTS)).json()
    url = f"/v1/closing-reports/{report['id']}"
    kept = await site.api.get(f"{url}/document", params={"format": "json"})
    lesson = (await site.api.get("/v1/lessons")).json()["items"][0]
    await site.api.delete(f"/v1/lessons/{lesson['id']}", headers={"if-match": '"1"'})
    issued = await act(above, f"closing-reports/{report['id']}", "sign", 1, comment="同意结项")
    zh = {"accept-language": "zh"}
    chinese = await site.api.get(f"{url}/document", headers=zh)
    english = await site.api.get(f"{url}/document", headers={"accept-language": "en"})
    pdf = await site.api.get(f"{url}/document", params={"format": "pdf"}, headers=zh)

    assert (report["status"], issued.json()["status"], issued.json()["number"]) == ("in_review", "issued", 1)
    assert report["content_sha256"] == hashlib.sha256(kept.content).hexdigest()
    assert (await site.api.get(f"{url}/document", params={"format": "json"})).content == kept.content
    content = kept.json()
    assert content["project"] == project["name"]
    amounts = {name: content["value"][name] for name in ("bac", "pv", "ev", "ac", "sv", "cv", "spi", "cpi")}
    assert {name: float(amount) for name, amount in amounts.items()} == {
        "bac": 5000,
        "pv": 5000,
        "ev": 5000,
        "ac": 6250,
        "sv": 0,
        "cv": -1250,
        "spi": 1,
        "cpi": 0.8,
    }
    assert content["spent"] == [{"amount": "6250", "currency": "CNY"}]
    assert [(one["name"], one["actual"]) for one in content["late"]] == [("build", "2026-03-20T17:00:00Z")]
    assert (content["progress"]["total"], content["progress"]["finished"]) == (2, 2)
    assert [(one["title"], one["struck"]) for one in content["risks"]] == [("供应商延期", True)]
    assert [(one["criterion"], one["finding"]) for one in content["verdicts"]] == [
        ("高峰期排队不超过五人", "met"),
        ("全年可用率 99.9 %", "partly_met"),
    ]
    page = Page(chinese.text)
    assert ("script" in page.tags, page.links) == (False, [])
    assert "default-src 'none'" in chinese.headers["content-security-policy"]
    for text in ("项目结项报告", "供应商延期", "门禁误报", "上线报告", "门禁系统接口联调延期", "同意结项", "75 %"):
        assert text in page.texts, text
    assert {"Project closing report", "partly met", "Lessons learned", "5,000 CNY"} <= set(Page(english.text).texts)
    typeset = text_of(pdf.content)
    for text in (f"智慧园区{HOSTILE}", "项目结项报告", "2026-03-20", "6,250CNY", "已签署", report["content_sha256"]):
        assert "".join(text.split()) in typeset, text


async def test_all_who_have_to_sign_once(
    site: Site, above: httpx.AsyncClient, boss: Caller, third: httpx.AsyncClient, auditor: Caller, who: Caller
) -> None:
    await completed(site)
    own = await submit(site, boss, who)
    report = (await submit(site, boss, auditor, boss)).json()
    path = f"closing-reports/{report['id']}"

    mine = await act(site.api, path, "sign", 1)
    first = await asyncio.gather(act(above, path, "sign", 1), act(above, path, "sign", 1))
    again = await act(above, path, "sign", 2)
    last = await act(third, path, "sign", 2)
    late = [await act(third, path, step, 3, **body) for step, body in (("withdraw", {}), ("reject", {"comment": "x"}))]

    assert (own.status_code, own.json()["code"]) == (409, "own_signature")
    assert (mine.status_code, mine.json()["code"]) == (403, "not_a_signer")
    assert sorted(one.status_code for one in first) == [200, 412]
    assert (again.status_code, again.json()["code"]) == (409, "already_signed")
    assert (last.json()["status"], last.json()["issued_at"] is None) == ("issued", False)
    assert [(one["signer_id"], one["decision"]) for one in last.json()["signatures"]] == [
        (str(boss.id), "signed"),
        (str(auditor.id), "signed"),
    ]
    assert {(one.status_code, one.json()["code"]) for one in late} == {(409, "invalid_transition")}
    told = [("closing_report.submitted", 1), ("closing_report.signed", 2), ("closing_report.issued", 3)]
    assert await site.told("closing_report") == told


async def test_a_report_that_somebody_rejects_is_drawn_up_anew(
    site: Site, above: httpx.AsyncClient, boss: Caller
) -> None:
    project = await completed(site)
    path = f"closing-reports/{(await submit(site, boss)).json()['id']}"

    both = [await submit(site, boss), await act(site.api, f"projects/{project['id']}", "close", project["version"])]
    rejected = await act(above, path, "reject", 1, comment="缺少验收记录")
    second = (await submit(site, boss)).json()
    withdrawn = await act(site.api, f"closing-reports/{second['id']}", "withdraw", 1)
    closed = await act(site.api, f"projects/{project['id']}", "close", project["version"])
    afterwards = (await submit(site, boss)).json()

    assert [(one.status_code, one.json()["code"]) for one in both] == [(409, "closing_report_in_review")] * 2
    assert (rejected.json()["status"], rejected.json()["signatures"][0]["comment"]) == ("rejected", "缺少验收记录")
    assert (second["number"], withdrawn.json()["status"], closed.json()["status"]) == (2, "withdrawn", "closed")
    assert (afterwards["number"], afterwards["status"]) == (3, "in_review")


async def test_what_is_not_whole_is_refused(site: Site, boss: Caller) -> None:
    going_on = await submit(site, boss)
    await completed(site, **CHARTER)
    twice = [VERDICTS[0], VERDICTS[0]]
    beyond = [*VERDICTS, {"criterion": 3, "finding": "met"}]

    answers = [await submit(site, boss, verdicts=one) for one in ([], twice, VERDICTS[:1], beyond)]
    nobody = await submit(site)
    nowhere = await submit(site, boss, project_id=str(new_id()))

    assert (going_on.status_code, going_on.json()["code"]) == (409, "project_not_over")
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(409, "verdicts_unfit")}
    assert (nobody.status_code, nobody.json()["errors"][0]["pointer"]) == (422, "/signer_ids")
    assert (nowhere.status_code, nowhere.json()["code"]) == (409, "unknown_project")
    assert (await site.api.get("/v1/closing-reports")).json()["items"] == []
    assert await site.told("closing_report") == []
