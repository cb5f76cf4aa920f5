from html.parser import HTMLParser

import httpx
import pypdfium2

from crm_platform.ids import new_id
from project_svc_tests.conftest import OpenProject
from project_svc_tests.outcomes.test_endpoints import plan
from project_svc_tests.support import act, done, submitted

HOSTILE = '<script>alert("1")</script> #panic("x") 粗体'


class Page(HTMLParser):
    """Texts and tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [name for name, _ in attrs if name in {"src", "href"} or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def text_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    whole = "".join(page.get_textpage().get_text_range() for page in pages)
    return "".join(whole.split())


async def test_a_customer_is_handed_a_report_in_their_language(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    project = await open_project(name=f"智慧园区 {HOSTILE}")
    made = await plan(client, project, name=f"处理时长 {HOSTILE}", benefit={"amount": "1250000", "currency": "CNY"})
    await act(client, f"outcomes/{made['id']}", "measure", 1, value="12.5", measured_on="2026-03-01")
    await act(client, f"outcomes/{made['id']}", "evaluate", 2, summary=HOSTILE)
    await act(client, f"outcomes/{made['id']}", "review", 3, verdict="partly_achieved", lessons="先统一分类")
    unwanted = await plan(client, project, name="没有人要的")
    await act(client, f"outcomes/{unwanted['id']}", "drop", 1, reason="no")
    delivery = await submitted(client, project, name="上线报告")
    await done(client, f"deliveries/{delivery['id']}", "accept")
    url = f"/v1/projects/{project['id']}/outcome-report"

    chinese = await client.get(url, headers={"accept-language": "zh"})
    english = await client.get(url, headers={"accept-language": "en"})
    pdf = await client.get(url, params={"format": "pdf"}, headers={"accept-language": "zh"})

    page = Page(chinese.text)
    assert chinese.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in chinese.headers["content-security-policy"]
    assert ("script" in page.tags, page.links) == (False, [])
    for text in (f"智慧园区 {HOSTILE}", "成果报告", "部分达成", "75 %", "1,250,000 CNY", "先统一分类", "上线报告"):
        assert text in page.texts, text
    assert f"处理时长 {HOSTILE} (小时)" in page.texts
    assert "没有人要的" not in chinese.text
    assert {"Outcome report", "partly achieved", "Accepted deliveries"} <= set(Page(english.text).texts)
    assert pdf.headers["content-type"] == "application/pdf"
    content = text_of(pdf.content)
    for text in (f"智慧园区{HOSTILE}", "成果报告", "部分达成", "75%", "12.5(2026-03-01)", "上线报告"):
        assert "".join(text.split()) in content, text


async def test_a_report_of_nothing_says_so(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    project = await open_project()

    page = await client.get(f"/v1/projects/{project['id']}/outcome-report")
    pdf = await client.get(f"/v1/projects/{project['id']}/outcome-report", params={"format": "pdf"})
    nowhere = await client.get(f"/v1/projects/{new_id()}/outcome-report")

    assert Page(page.text).texts.count("None yet.") == 2
    assert text_of(pdf.content).count("Noneyet.") == 2
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
