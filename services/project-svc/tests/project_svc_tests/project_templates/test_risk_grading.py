"""Another scale, and the templates whose risks stand on its steps."""

import asyncio
from typing import Any

from project_svc_tests.project_templates.conftest import Company
from project_svc_tests.project_templates.contents import whole
from project_svc_tests.project_templates.test_life import refused


def scale_of(steps: int) -> dict[str, Any]:
    step = [{"name": {"en": "Step", "zh": "级"}, "value": f"0.{number}"} for number in range(1, steps + 1)]
    return {"probabilities": step, "impacts": step, "medium_from": 4, "high_from": 8, "critical_from": 12}


async def test_the_scale_keeps_the_steps_that_published_templates_need(company: Company) -> None:
    content = whole()
    content["risks"][0] |= {"probability": 2, "impact": 2, "residual_probability": 1, "residual_impact": 1}
    low = await company.published("low", content=content)
    content["risks"][0] |= {"impact": 5}
    high = await company.published("high", content=content)
    drafted = await company.draft("drafted", content=content)

    refused_ = await company.api.put("/v1/risk-scale", json=scale_of(4), headers={"accept-language": "zh"})
    kept = await company.get("risk-scale")
    retired = await company.act(high, "retire")
    taken = await company.api.put("/v1/risk-scale", json=scale_of(4))
    late = await company.act(drafted, "publish")
    opened = await company.open(template="low")

    problem = refused_.json()
    assert (refused_.status_code, problem["code"]) == (409, "scale_needed_by_templates")
    assert problem["templates"] == [{"id": high["id"], "code": "high", "edition": 1, "probability": 2, "impact": 5}]
    assert "high (2 × 5)" in problem["detail"]
    assert len(kept["impacts"]) == 5
    assert (retired.status_code, taken.status_code, len(taken.json()["impacts"])) == (200, 200, 4)
    assert refused(late) == (409, "template_refused", [("/content/risks/0/impact", "not_on_scale")])
    assert (await company.get(f"projects/{opened.project_id}"))["template_id"] == low["id"]


async def test_of_a_scale_and_a_template_that_exclude_each_other_one_is_taken(company: Company) -> None:
    content = whole()
    content["risks"][0]["impact"] = 5
    drafts = [await company.draft(f"t{number}", content=content) for number in range(3)]

    *published, scaled = await asyncio.gather(
        *(company.act(draft, "publish") for draft in drafts), company.api.put("/v1/risk-scale", json=scale_of(4))
    )

    codes = {answer.json().get("code") for answer in published if answer.status_code != 200}
    if scaled.status_code == 200:
        assert ({answer.status_code for answer in published}, codes) == ({409}, {"template_refused"})
    else:
        assert (scaled.json()["code"], 200 in {answer.status_code for answer in published}) == (
            "scale_needed_by_templates",
            True,
        )
        assert codes <= {"template_refused"}
