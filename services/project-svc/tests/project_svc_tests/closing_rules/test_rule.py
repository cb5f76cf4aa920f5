"""A company that closes no project without a report."""

import httpx

from crm_platform.context import Caller
from project_svc_tests.closing_reports.support import completed
from project_svc_tests.closing_reports.test_reports import submit
from project_svc_tests.execution.support import Site
from project_svc_tests.support import act


async def test_a_company_may_want_a_report_before_it_closes(site: Site, above: httpx.AsyncClient, boss: Caller) -> None:
    project = await completed(site)
    closing = f"projects/{project['id']}", "close", project["version"]

    before = (await site.api.get("/v1/closing-rule")).json()
    rule = await site.api.put("/v1/closing-rule", json={"report_required": True})
    missing = await act(site.api, *closing)
    report = (await submit(site, boss)).json()
    await act(above, f"closing-reports/{report['id']}", "sign", 1)
    closed = await act(site.api, *closing)

    assert (before["version"], before["report_required"]) == (0, False)
    assert (rule.json()["version"], rule.json()["report_required"]) == (1, True)
    assert (missing.status_code, missing.json()["code"]) == (409, "closing_report_missing")
    assert closed.json()["status"] == "closed"
