"""The page behind a link, as a browser sees it."""

import asyncio
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import httpx
import pytest

from crm_contracts.contact.v1 import ContactCreated
from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.acceptance_links.test_links import issue, told
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, contact, done, submitted

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>&amp;{0}'
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Page(HTMLParser):
    """What is on a page: tags, texts, addresses, and what its form holds."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.marks: set[str] = set()
        self.addresses: list[str] = []
        self.fields: dict[str, str] = {}
        self.text = ""
        self._area: str | None = None
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        self.tags.add(tag)
        self.marks |= of.keys()
        self.addresses += [of[name] or "" for name in ("href", "src", "action") if name in of]
        if tag == "textarea":
            self._area = of["name"]
        if tag == "input" and (of["type"] != "radio" or "checked" in of):
            self.fields[str(of["name"])] = of["value"] or ""

    def handle_endtag(self, tag: str) -> None:
        self._area = None if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._area is not None:
            self.fields[self._area] = self.fields.get(self._area, "") + data.removeprefix("\n")


@pytest.fixture
async def fang(service: RunningService, agent: Caller, customer_id: UUID) -> UUID:
    state = contact(customer_id, name=f"王芳 {HOSTILE}")
    await deliver(service, ContactCreated(state=state), tenant_id=agent.tenant_id)
    return state.id


@pytest.fixture
async def browser(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with service.as_(None) as anyone:
        anyone.headers.update(BROWSER | {"accept-language": "zh-CN,zh;q=0.9"})
        yield anyone


async def test_a_browser_gets_a_page_that_says_what_is_decided_about(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, fang: UUID, open_project: OpenProject
) -> None:
    made = await client.post(
        "/v1/deliveries",
        json={
            "project_id": (await open_project())["id"],
            "name": f"看板 {HOSTILE}",
            "due_on": "2199-12-31",
            "acceptance_criteria": [f"延迟不超过 5 秒 {HOSTILE}", "手册已交付"],
        },
    )
    delivery = made.json()
    path = f"/v1/deliveries/{delivery['id']}"
    document = (await client.post(f"{path}/documents", params={"name": "延迟.txt"}, content=b"P99 4.2 s")).json()
    await done(client, path[4:], "start")
    evidence = [{"document_id": document["id"]}, {"url": "https://wiki.example/?a='&b", "name": HOSTILE}]
    await act(client, path[4:], "submit", 2, notes=f"第一版 {HOSTILE}", evidence=evidence)
    link = await issue(client, delivery, fang)

    answer = await browser.get(link["path"])
    english = await browser.get(link["path"], headers={"accept-language": "en"})

    page = Page(answer)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for text in (
        HOSTILE,
        f"看板 {HOSTILE}",
        f"延迟不超过 5 秒 {HOSTILE}",
        "手册已交付",
        f"第一版 {HOSTILE}",
        "延迟.txt",
    ):
        assert text in page.text
    assert ("第 1 版验收" in page.text, "Acceptance of version 1" in Page(english).text) == (True, True)
    assert {"script", "img", "link", "iframe"}.isdisjoint(page.tags)
    assert not [mark for mark in page.marks if mark.startswith("on") or mark in {"src", "action", "style"}]
    assert [one for one in page.addresses if one.startswith("http")] == ["https://wiki.example/?a='&b"]
    [file] = [urljoin(str(answer.url), one) for one in page.addresses if not one.startswith("http")]
    assert (await browser.get(file)).content == b"P99 4.2 s"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "private, no-store")
    assert answer.headers["vary"] == "accept, accept-language"


async def test_who_does_not_prefer_a_page_gets_json(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, fang: UUID, open_project: OpenProject
) -> None:
    link = await issue(client, await submitted(client, await open_project()), fang)
    kinds = {}
    for accept in ("*/*", "application/json", "application/json, text/html", "text/html;q=0.1, application/json;q=0.5"):
        kinds[accept] = (await browser.get(link["path"], headers={"accept": accept})).headers["content-type"]

    assert set(kinds.values()) == {"application/json"}


async def test_a_form_decides_like_json_and_leads_back_to_the_receipt(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, fang: UUID, open_project: OpenProject
) -> None:
    delivery = await submitted(client, await open_project(), "双方签字", "无严重缺陷")
    link = await issue(client, delivery, fang)
    form = Page(await browser.get(link["path"])).fields | {
        "verdict": "conditionally_accepted",
        "comment": f"可以上线\r\n{HOSTILE}",
        "finding-2": "not_met",
        "remark-2": "崩溃",
        "remark-1": "已签",
        "point-1": f"修复 {HOSTILE}",
        "due-1": "2199-01-01",
        "point-7": "补交手册",
        "due-7": "2199-02-01",
    }

    answer = await browser.post(link["path"], data=form, headers={"crm-client-address": "203.0.113.77"})
    receipt = Page(await browser.get(answer.headers["location"]))

    assert (answer.status_code, answer.headers["location"]) == (303, link["path"])
    for text in ("您的验收结论已记录", "有条件验收", f"修复 {HOSTILE} (2199-01-01)", "补交手册 (2199-02-01)", HOSTILE):
        assert text in receipt.text
    assert ("form" in receipt.tags, "script" in receipt.tags) == (False, False)
    found = (await client.get(f"/v1/deliveries/{delivery['id']}")).json()
    decided = found["versions"][0]["decision"]
    assert [decided[name] for name in ("verdict", "comment", "channel", "network", "link_id")] == [
        *("conditionally_accepted", f"可以上线\n{HOSTILE}", "link", "203.0.113.0/24", link["id"]),
    ]
    assert [(one["id"], one["verdict"], one["comment"]) for one in decided["criteria"]] == [
        (1, "met", "已签"),
        (2, "not_met", "崩溃"),
    ]
    assert [one["description"] for one in found["open_points"]] == [f"修复 {HOSTILE}", "补交手册"]


async def test_a_rejection_leaves_undecided_what_it_does_not_judge(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, fang: UUID, open_project: OpenProject
) -> None:
    delivery = await submitted(client, await open_project(), "双方签字", "无严重缺陷", "手册已交付")
    link = await issue(client, delivery, fang)
    form = {
        "verdict": "rejected",
        "comment": "会崩溃",
        "finding-1": "not_met",
        "remark-2": "没看",
        "finding-3": "pending",
    }

    answer = await browser.post(link["path"], data=form)

    assert answer.status_code == 303
    [version] = (await client.get(f"/v1/deliveries/{delivery['id']}")).json()["versions"]
    found = [(one["verdict"], one["comment"]) for one in version["decision"]["criteria"]]
    assert found == [("not_met", None), ("pending", "没看"), ("pending", None)]


@pytest.mark.parametrize(
    ("form", "status", "said", "field"),
    [
        ({}, 422, "验收结论：缺少必填字段", "#verdict"),
        ({"verdict": "perhaps"}, 422, "验收结论：应为以下值之一", "#verdict"),
        ({"verdict": "rejected"}, 409, "拒绝验收须在说明中填写原因", "#comment"),
        ({"verdict": "conditionally_accepted"}, 409, "须至少填写一项遗留问题", "#points"),
        ({"verdict": "accepted", "point-1": "x", "due-1": "2199-01-01"}, 409, "其他结论不得填写遗留问题", "#points"),
        ({"verdict": "conditionally_accepted", "point-5": "x"}, 422, "遗留问题 5：缺少必填字段", "#due-5"),
        ({"verdict": "conditionally_accepted", "due-2": "soon", "point-2": "x"}, 422, "遗留问题 2：", "#due-2"),
        ({"verdict": "accepted", "finding-1": "not_met"}, 409, "存在未满足的验收标准", "#verdict"),
        ({"verdict": "accepted", "comment": "x" * 2001}, 422, "说明：最多 2000 个字符", "#comment"),
        ({"verdict": "accepted", "finding-9": "met"}, 409, "该交付物没有编号为 9 的验收标准", None),
        ({"verdict": "accepted", HOSTILE: "1"}, 422, "不存在此字段", f"#{HOSTILE}".replace("/", "~1")),
    ],
)
async def test_what_cannot_be_taken_is_said_beside_what_was_filled_in(
    client: httpx.AsyncClient,
    browser: httpx.AsyncClient,
    service: RunningService,
    fang: UUID,
    open_project: OpenProject,
    form: dict[str, str],
    status: int,
    said: str,
    field: str | None,
) -> None:
    delivery = await submitted(client, await open_project(), "双方签字")
    link = await issue(client, delivery, fang)
    kept = {"remark-1": f"看过\n{HOSTILE}"}

    answer = await browser.post(link["path"], data=form | kept)

    page = Page(answer)
    assert (answer.status_code, said in page.text, "script" in page.tags) == (status, True, False)
    assert [one for one in page.addresses if one.startswith("#")] == ([field] if field else [])
    assert {name: page.fields.get(name) for name in kept} == kept
    assert page.fields.get("comment", "") == form.get("comment", "")
    assert tuple(kind for kind, _ in (await told(service, delivery["id"], link["id"]))[2:]) == (
        "delivery.submitted",
        "acceptance_link.issued",
    )


async def test_a_form_that_is_none_gets_a_page_and_json_a_problem(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, fang: UUID, open_project: OpenProject
) -> None:
    link = await issue(client, await submitted(client, await open_project()), fang)
    form = {"content-type": "application/x-www-form-urlencoded"}

    answers = [
        await browser.post(link["path"], json={"verdict": "accepted"}),
        await browser.post(link["path"], content=b"verdict=%ff", headers=form),
        await browser.post(link["path"], content=b"verdict=accepted&verdict=rejected", headers=form),
        await browser.post(link["path"], content=b"&".join(b"f%d=" % n for n in range(251)), headers=form),
    ]
    told = await browser.post(link["path"], data={"verdict": "rejected"}, headers={"accept": "*/*"})

    assert [answer.status_code for answer in answers] == [415, 400, 400, 400]
    assert {answer.headers["content-type"] for answer in answers} == {"text/html; charset=utf-8"}
    assert (told.status_code, told.json()["code"]) == (409, "reason_missing")
    assert (await client.get(f"/v1/acceptance-links/{link['id']}")).json()["status"] == "open"


async def test_links_that_open_nothing_say_so_in_a_page_and_not_why(
    client: httpx.AsyncClient,
    browser: httpx.AsyncClient,
    service: RunningService,
    fang: UUID,
    open_project: OpenProject,
) -> None:
    project = await open_project()
    late, revoked = [await issue(client, await submitted(client, project), fang) for _ in range(2)]
    await service.sql("UPDATE acceptance_links SET expires_at = now() - interval '1 s' WHERE id = $1", UUID(late["id"]))
    await act(client, f"acceptance-links/{revoked['id']}", "revoke", 1)

    paths = [late["path"], revoked["path"], f"{late['place']}?secret=x", "/v1/acceptances/x?secret=x"]
    answers = [await browser.get(path) for path in paths]
    answers += [await browser.post(path, data={"verdict": "accepted"}) for path in paths]
    cut = await browser.get(revoked["place"])

    assert [(answer.status_code, answer.text) for answer in answers] == [(404, answers[0].text)] * 8
    assert "此链接无法打开" in answers[0].text
    assert (cut.status_code, cut.text) == (400, answers[0].text)


async def test_a_version_that_moved_on_is_shown_without_a_form(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, fang: UUID, open_project: OpenProject
) -> None:
    delivery = await submitted(client, await open_project(), "双方签字")
    link = await issue(client, delivery, fang)
    await done(client, f"deliveries/{delivery['id']}", "reject", "submit")

    seen = await browser.get(link["path"])
    answer = await browser.post(link["path"], data={"verdict": "accepted"})

    assert (seen.status_code, "form" in Page(seen).tags, "已无需验收" in seen.text) == (200, False, True)
    assert (answer.status_code, "form" in Page(answer).tags, "已无需验收" in answer.text) == (409, False, True)
    assert (await client.get(f"/v1/deliveries/{delivery['id']}")).json()["status"] == "submitted"


async def test_sent_many_times_at_once_a_form_counts_once(
    client: httpx.AsyncClient,
    browser: httpx.AsyncClient,
    service: RunningService,
    fang: UUID,
    open_project: OpenProject,
) -> None:
    delivery = await submitted(client, await open_project(), "双方签字")
    link = await issue(client, delivery, fang)

    answers: list[Any] = await asyncio.gather(
        *(browser.post(link["path"], data={"verdict": "accepted"}) for _ in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert ("已提交过验收结论" in late.text, "验收通过" in late.text, "<form" in late.text) == (True, True, False)
    kinds = [kind for kind, _ in await told(service, delivery["id"], link["id"])]
    assert kinds[-2:] == ["delivery.completed", "acceptance_link.used"]
    assert len(kinds) == 6
